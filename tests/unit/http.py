"""Calls the HTTP functions as API Gateway does."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from orders import cancel_order, create_order, get_order
from tests.unit.moto_stack import Context

ORDER = {"customerId": "CUST-1", "sku": "BOOK", "quantity": 2, "amount": 4999, "currency": "USD"}


@dataclass(frozen=True)
class Answer:
    """An answer, its body read."""

    status: int
    headers: dict[str, str]
    body: dict[str, Any]

    @property
    def wrong_fields(self) -> set[str]:
        """The fields that the answer names as wrong."""
        return {error["field"] for error in self.body["errors"]}


def request(**said: Any) -> dict[str, Any]:
    """Return a request as API Gateway hands it on."""
    return {
        "resource": "/orders",
        "path": "/orders",
        "httpMethod": "POST",
        "headers": None,
        "multiValueHeaders": None,
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": None,
        "stageVariables": None,
        "requestContext": {"requestId": "request-1", "stage": "dev"},
        "body": None,
        "isBase64Encoded": False,
        **said,
    }


def post(body: object, headers: Mapping[str, str] | None = None) -> Answer:
    """Post an order; what is not text goes as JSON."""
    text = body if isinstance(body, str) else json.dumps(body)
    return send(body=text, headers=headers)


def send(**said: Any) -> Answer:
    """Send a request to CreateOrder as it is."""
    return _read(create_order.handler(request(**said), Context()))


def get(order_id: str) -> Answer:
    """Ask for an order."""
    parameters = {"orderId": order_id}
    asked = request(httpMethod="GET", resource="/orders/{orderId}", pathParameters=parameters)
    return _read(get_order.handler(asked, Context()))


def cancel(order_id: str) -> Answer:
    """Ask to cancel an order."""
    parameters = {"orderId": order_id}
    asked = request(resource="/orders/{orderId}/cancel", pathParameters=parameters)
    return _read(cancel_order.handler(asked, Context()))


def _read(answer: dict[str, Any]) -> Answer:
    assert answer["headers"]["Content-Type"] == "application/json"
    return Answer(answer["statusCode"], answer["headers"], json.loads(answer["body"]))
