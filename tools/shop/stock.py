"""The shelves of the demo."""

from typing import TYPE_CHECKING

from rich.table import Table

from tools.base.console import console
from tools.base.stack import Stack

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table as DynamoTable

SHELVES = {"BOOK": 100, "LAMP": 50, "OUT-OF-STOCK": 0}
"""Pieces of each sku after `make stock`."""


def shelves(stack: Stack) -> "DynamoTable":
    """Return the table of the shelves; it takes and returns plain values."""
    return stack.table("InventoryTableName")


def fill(stack: Stack) -> None:
    """Put the demo's pieces on the shelves, whatever lay there before."""
    for sku, available in SHELVES.items():
        shelves(stack).put_item(Item={"sku": sku, "available": available})


def show(stack: Stack) -> None:
    """Print what lies on the shelves."""
    found = shelves(stack).scan()["Items"]
    table = Table("sku", "available")
    for shelf in sorted(found, key=lambda shelf: str(shelf["sku"])):
        table.add_row(str(shelf["sku"]), str(shelf["available"]))
    console.print(table)
