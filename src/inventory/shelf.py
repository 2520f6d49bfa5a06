"""The shelf: how many pieces of a sku are available. Stock moves only in the transaction that moves its order."""

from typing import TYPE_CHECKING

from saga.events import InventoryReleased, InventoryReserved
from saga.item import to_item
from saga.settings import settings

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import UpdateTypeDef


def take(reserved: InventoryReserved) -> "UpdateTypeDef":
    """Give the write that takes the pieces off the shelf; refused if there are fewer, or if the sku is unknown."""
    return {
        "TableName": settings().inventory_table_name,
        "Key": to_item({"sku": reserved.sku}),
        "UpdateExpression": "SET available = available - :quantity",
        "ConditionExpression": "available >= :quantity",
        "ExpressionAttributeValues": to_item({":quantity": reserved.quantity}),
    }


def put_back(released: InventoryReleased) -> "UpdateTypeDef":
    """Give the write that puts the pieces back on the shelf."""
    return {
        "TableName": settings().inventory_table_name,
        "Key": to_item({"sku": released.sku}),
        "UpdateExpression": "ADD available :quantity",
        "ExpressionAttributeValues": to_item({":quantity": released.quantity}),
    }
