"""What the two HTTP functions share: how they answer, and how they refuse."""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from orders.request import Request
from saga.observability import logger, metrics

Answer = dict[str, Any]


class BadRequestError(Exception):
    """The request is wrong: `faults` gives what is wrong with each field."""

    def __init__(self, status: int, message: str, faults: dict[str, str]) -> None:
        super().__init__(message)
        self.status, self.message, self.faults = status, message, faults


def answer(status: int, body: dict[str, Any], headers: dict[str, str] | None = None) -> Answer:
    """Give an API Gateway proxy response with a JSON body."""
    return {
        "statusCode": status,
        "headers": {"Content-Type": "application/json", **(headers or {})},
        "body": json.dumps(body),
        "isBase64Encoded": False,
    }


def endpoint(respond: Callable[[Request], Answer]) -> Callable[[dict[str, Any], LambdaContext], Answer]:
    """Make a function from request to answer a Lambda handler; a `BadRequestError` becomes a 4xx naming the fields."""

    @metrics.log_metrics
    @logger.inject_lambda_context(clear_state=True)
    @wraps(respond)
    def handler(event: dict[str, Any], _context: LambdaContext) -> Answer:
        metrics.add_metric(name="Requests", unit=MetricUnit.Count, value=1)
        try:
            return respond(Request(event))
        except BadRequestError as error:
            logger.info("bad request", extra={"status": error.status, "fields": list(error.faults)})
            errors = [{"field": field, "message": message} for field, message in error.faults.items()]
            return answer(error.status, {"message": error.message, "errors": errors})

    return handler
