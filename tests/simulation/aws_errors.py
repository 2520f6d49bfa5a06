"""AWS's errors as botocore raises them, made by real clients that never send anything."""

from collections.abc import Mapping
from functools import cache
from typing import Any

import botocore.session
from botocore.client import BaseClient
from botocore.exceptions import ReadTimeoutError
from botocore.validate import ParamValidator

_checked: set[tuple[str, str, str]] = set()


class InvalidCallError(AssertionError):
    """botocore would refuse to send this call."""


@cache
def real_client(service: str) -> BaseClient:
    """Return a real client of the service, for its exceptions and its model of every call."""
    return botocore.session.get_session().create_client(
        service,
        region_name="eu-west-1",
        aws_access_key_id="simulation",
        aws_secret_access_key="simulation",  # noqa: S106  nothing is ever sent
    )


def operation_name(method: str) -> str:
    """Return the API's name of a client's method: `put_item` is `PutItem`."""
    return "".join(word.capitalize() for word in method.split("_"))


def check_call(service: str, method: str, arguments: dict[str, Any], kind: str = "") -> None:
    """Check a call against botocore's own model of it, once for each kind; raises `InvalidCallError`."""
    if (service, method, kind) in _checked:
        return
    model = real_client(service).meta.service_model.operation_model(operation_name(method))
    shape: Any = model.input_shape
    report = ParamValidator().validate(arguments, shape)
    if report.has_errors():
        raise InvalidCallError(f"{method}: {report.generate_report()}")
    _checked.add((service, method, kind))


def error(service: str, method: str, code: str, message: str, **parsed: Any) -> Exception:
    """Return the error that botocore raises for this answer of AWS; `parsed` are the fields that its model adds."""
    response: Mapping[str, Any] = {"Error": {"Code": code, "Message": message}, **parsed}
    raised: Any = real_client(service).exceptions.from_code(code)
    made: Exception = raised(response, operation_name(method))
    return made


def answer_lost(service: str) -> Exception:
    """Return the error of a call that may have taken effect: its answer never came."""
    return ReadTimeoutError(endpoint_url=f"https://{service}.invalid")
