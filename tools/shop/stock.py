"""The shelves of the demo."""

from rich.table import Table

from tools.base.console import console
from tools.base.stack import Stack, aws_problems

SHELVES = {"BOOK": 100, "LAMP": 50, "OUT-OF-STOCK": 0}
"""Pieces of each sku after `make stock`."""


def fill(stack: Stack) -> None:
    """Put the demo's pieces on the shelves, whatever lay there before."""
    with aws_problems(stack.target):
        for sku, available in SHELVES.items():
            stack.inventory.put_item(Item={"sku": sku, "available": available})


def show(stack: Stack) -> None:
    """Print what lies on the shelves."""
    with aws_problems(stack.target):
        shelves = stack.inventory.scan()["Items"]
    table = Table("sku", "available")
    for shelf in sorted(shelves, key=lambda shelf: str(shelf["sku"])):
        table.add_row(str(shelf["sku"]), str(shelf["available"]))
    console.print(table)
