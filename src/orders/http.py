"""What the HTTP functions share: how they answer, and how they refuse."""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEvent
from aws_lambda_powertools.utilities.typing import LambdaContext

from saga.telemetry import Line, count, log, observed

Answer = dict[str, Any]


class HttpError(Exception):
    """The request is answered with this 4xx status; `faults` names what is wrong with each field."""

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
            log(Line.BAD_REQUEST, status=error.status, fields=list(error.faults))
            errors = [{"field": field, "message": message} for field, message in error.faults.items()]
            return answer(error.status, {"message": error.message, "errors": errors})

    return handler
