"""The stock of the shop."""

from typing import TYPE_CHECKING

from rich.table import Table

from tools.base.console import console
from tools.base.stack import Stack

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table as DynamoTable


def shelves(stack: Stack) -> "DynamoTable":
    """Return the table of the shelves; it takes and returns plain values."""
    return stack.table("InventoryTableName")


def show(stack: Stack) -> None:
    """Print the stock."""
    found = shelves(stack).scan()["Items"]
    table = Table("sku", "available")
    for shelf in sorted(found, key=lambda shelf: str(shelf["sku"])):
        table.add_row(str(shelf["sku"]), str(shelf.get("available", "?")))
    console.print(table)
