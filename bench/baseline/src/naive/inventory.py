"""Reserves stock, and puts it back."""

from typing import Any
from uuid import uuid4

from .aws import INVENTORY, change, dynamodb, log, publish, to_item


def reserve(event: dict[str, Any], _context: Any) -> None:
    """Take the pieces off the shelf, or end the order."""
    log(event)
    order = event["detail"]
    try:
        dynamodb.update_item(
            TableName=INVENTORY,
            Key=to_item({"sku": order["sku"]}),
            UpdateExpression="SET available = available - :quantity",
            ConditionExpression="available >= :quantity",
            ExpressionAttributeValues=to_item({":quantity": order["quantity"]}),
        )
    except dynamodb.exceptions.ConditionalCheckFailedException:
        change(order["orderId"], status="INVENTORY_FAILED", failureReason="out of stock")
        publish("InventoryFailed", {**order, "failureReason": "out of stock"})
    else:
        publish("InventoryReserved", {**order, "reservationId": str(uuid4())})


def release(event: dict[str, Any], _context: Any) -> None:
    """Put the pieces back on the shelf, and end the order."""
    log(event)
    order = event["detail"]
    dynamodb.update_item(
        TableName=INVENTORY,
        Key=to_item({"sku": order["sku"]}),
        UpdateExpression="ADD available :quantity",
        ExpressionAttributeValues=to_item({":quantity": order["quantity"]}),
    )
    told = ("failureReason", "reservationId", "refundId")
    change(order["orderId"], status="INVENTORY_RELEASED", **{name: order[name] for name in told if name in order})
    publish("InventoryReleased", order)
