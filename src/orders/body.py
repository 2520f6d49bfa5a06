"""The body of a request: JSON, and never two things at once."""

import json
from collections import Counter
from typing import Any

from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEvent
from pydantic_core import from_json

from orders.http import HttpError

LARGEST = 8_192
"""Characters of a body; an order takes about 150."""


def json_text(request: APIGatewayProxyEvent) -> str:
    """Return the body's text, which is JSON.

    Raises `HttpError`: 413 if it is larger than any that is taken, 400 if it is no JSON, or if one of its objects has a
    field twice. JSON leaves open which of the two counts (RFC 8259, "Objects"): whatever checked the request on its way
    here may have read the other.
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
