"""The shelf: how many pieces of a sku are available. Stock moves only in the transaction that moves its order."""

import os
from typing import TYPE_CHECKING

from contract.events import InventoryReleased, InventoryReserved
from saga.table import to_item

if TYPE_CHECKING:
    from saga.table import Write

TABLE_NAME = "INVENTORY_TABLE_NAME"
"""The variable that names the table of the shelves."""


def take(reserved: InventoryReserved) -> "list[Write]":
    """Return the write that takes the pieces; its condition fails if there are fewer, or if the sku is unknown."""
    return [
        {
            "Update": {
                "TableName": os.environ[TABLE_NAME],
                "Key": to_item({"sku": reserved.sku}),
                "UpdateExpression": "SET available = available - :quantity",
                "ConditionExpression": "available >= :quantity",
                "ExpressionAttributeValues": to_item({":quantity": reserved.quantity}),
            }
        }
    ]


def put_back(released: InventoryReleased) -> "list[Write]":
    """Return the write that puts the pieces back."""
    return [
        {
            "Update": {
                "TableName": os.environ[TABLE_NAME],
                "Key": to_item({"sku": released.sku}),
                "UpdateExpression": "ADD available :quantity",
                "ExpressionAttributeValues": to_item({":quantity": released.quantity}),
            }
        }
    ]
