"""Takes orders over HTTP and shows how they stand."""

import json
from typing import Any
from uuid import uuid4

from .aws import ORDERS, dynamodb, log, now, publish, to_item


def create(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """POST /orders: store the order and announce it."""
    log(event)
    asked, created_at = json.loads(event["body"]), now()
    order = {
        "orderId": str(uuid4()),
        "customerId": asked["customerId"],
        "sku": asked["sku"],
        "quantity": asked.get("quantity", 1),
        "amount": asked["amount"],
        "currency": asked.get("currency", "USD"),
        "createdAt": created_at,
    }
    dynamodb.put_item(TableName=ORDERS, Item=to_item({**order, "status": "CREATED", "updatedAt": created_at}))
    publish("OrderCreated", order)
    return answer(201, {"orderId": order["orderId"], "status": "CREATED"}, Location=f"./orders/{order['orderId']}")


def get(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """GET /orders/{orderId}: give the order's record, or 404."""
    log(event)
    key = to_item({"orderId": event["pathParameters"]["orderId"]})
    item = dynamodb.get_item(TableName=ORDERS, Key=key, ConsistentRead=True).get("Item")
    if item is None:
        return answer(404, {"message": "there is no such order"})
    return answer(200, {name: value["S"] if "S" in value else int(value["N"]) for name, value in item.items()})


def answer(status: int, body: dict[str, Any], **headers: str) -> dict[str, Any]:
    """Return an API Gateway proxy response."""
    return {
        "statusCode": status,
        "headers": {"Content-Type": "application/json", **headers},
        "body": json.dumps(body),
        "isBase64Encoded": False,
    }
