"""The HTTP functions, fuzzed by their own OpenAPI document.

What the document allows is taken, what it does not allow is refused, and every answer is one that it tells of: its
status, its content type, its headers, its body.
"""

from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

import pytest
import schemathesis
from hypothesis import settings
from schemathesis import Case
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import positive_data_acceptance

from orders import cancel_order, create_order, get_order
from tests.contract.contracts_validation import API
from tests.unit.http import post, request
from tests.unit.moto_stack import Context, MotoStack

CREATE = API["paths"]["/orders"]["post"]
ORDER, KEY = (
    CREATE["requestBody"]["content"]["application/json"]["example"],
    {"Idempotency-Key": CREATE["parameters"][0]["example"]},
)


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Call the functions as API Gateway does, in this very process."""
    headers = {name[5:].replace("_", "-").title(): value for name, value in environ.items() if name.startswith("HTTP_")}
    path = environ["PATH_INFO"].encode("latin-1").decode(errors="replace").split("/")
    if path[-1] == "cancel":
        asked = request(headers=headers, pathParameters={"orderId": path[-2]})
        said = cancel_order.handler(asked, Context())
    elif environ["REQUEST_METHOD"] == "POST":
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)).decode(errors="replace")
        said = create_order.handler(request(headers=headers, body=body or None), Context())
    else:
        asked = request(httpMethod="GET", headers=headers, pathParameters={"orderId": path[-1]})
        said = get_order.handler(asked, Context())
    start_response(f"{said['statusCode']} {HTTPStatus(said['statusCode']).phrase}", list(said["headers"].items()))
    return [said["body"].encode()]


CONFIG = SchemathesisConfig.from_dict(
    {
        "checks": {"negative_data_rejection": {"expected-statuses": ["400", "404", "413", "422"]}},
        # A call that the API does not have never gets to the functions.
        "phases": {"coverage": {"unexpected-methods": []}},
    }
)
# Who may call is decided by API Gateway, before a function is.
DOCUMENT = schemathesis.openapi.from_dict(API | {"security": []}, config=CONFIG)
DOCUMENT.app = application


@pytest.mark.slow
@DOCUMENT.parametrize()
@settings(max_examples=100, deadline=None, database=None, derandomize=True)
def test_a_call_is_answered_as_the_document_says(case: Case[Any], deployed_stack: MotoStack) -> None:
    # There is one order, the example, and not while one is taken: a key that comes again would be another order's.
    deployed_stack.remove_records()
    if case.path_parameters:
        post(ORDER, KEY)
    # 2.0 is an integer to JSON Schema; the document says in words that it is none here.
    fractions = isinstance(case.body, dict) and float in map(type, case.body.values())
    case.call_and_validate(excluded_checks=[positive_data_acceptance] if fractions else [])
