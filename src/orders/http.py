"""What the HTTP functions share: reading a body, responses, and errors."""

import json
from collections import Counter
from collections.abc import Callable
from functools import wraps
from typing import Any

from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEvent
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic.alias_generators import to_camel
from pydantic_core import from_json

from contract import Saga
from saga.telemetry import Line, count, log, observed

Answer = dict[str, Any]
LARGEST = 8_192
"""Characters of a body; an order takes about 150."""
NAMES = frozenset(
    {"body", "Idempotency-Key", *(to_camel(name) for event in Saga.events.values() for name in event.model_fields)}
)
"""The names of fields that a log line may have. A client may send others, and a name can hold personal data too."""


class HttpError(Exception):
    """The response has this 4xx status; `faults` says what is wrong with each field."""

    def __init__(self, status: int, message: str, faults: dict[str, str]) -> None:
        super().__init__(message)
        self.status, self.message, self.faults = status, message, faults


def answer(status: int, body: dict[str, Any], headers: dict[str, str] | None = None) -> Answer:
    """Return an API Gateway proxy response with a JSON body."""
    return {
        "statusCode": status,
        "headers": {"Content-Type": "application/json", **(headers or {})},
        "body": json.dumps(body),
        "isBase64Encoded": False,
    }


def endpoint(respond: Callable[[APIGatewayProxyEvent], Answer]) -> Callable[[dict[str, Any], LambdaContext], Answer]:
    """Make a function from request to answer a Lambda handler; an `HttpError` becomes a 4xx that names the fields."""

    @observed
    @wraps(respond)
    def handler(event: dict[str, Any], _context: LambdaContext) -> Answer:
        count("Requests")
        try:
            return respond(APIGatewayProxyEvent(event))
        except HttpError as error:
            log(Line.BAD_REQUEST, status=error.status, fields=[name for name in error.faults if name in NAMES])
            errors = [{"field": field, "message": message} for field, message in error.faults.items()]
            return answer(error.status, {"message": error.message, "errors": errors})

    return handler


def json_text(request: APIGatewayProxyEvent) -> str:
    """Return the body's text, which is JSON.

    Raises `HttpError`: 413 if it is too large, 400 if it is not JSON, or if one of its objects has a field twice. JSON
    leaves open which of the two counts (RFC 8259, "Objects"): a proxy that checked the request may have read the other.
    """
    if len(request.body or "") > LARGEST:
        raise HttpError(413, "the body is too large", {"body": f"more than {LARGEST} characters"})
    try:
        text = request.decoded_body or ""
        from_json(text)
    except ValueError as error:
        raise HttpError(400, "the body is not JSON", {"body": str(error)}) from None
    if twice := _names_that_stand_twice(text):
        raise HttpError(400, "the body is ambiguous", dict.fromkeys(twice, "stands more than once"))
    return text


def _names_that_stand_twice(text: str) -> list[str]:
    twice = list[str]()

    def look(pairs: list[tuple[str, Any]]) -> None:
        twice.extend(name for name, count in Counter(name for name, _ in pairs).items() if count > 1)

    json.loads(text, object_pairs_hook=look)
    return twice
