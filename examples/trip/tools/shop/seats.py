"""The free seats on the flights."""

from typing import TYPE_CHECKING

from rich.table import Table

from tools.base.console import console
from tools.base.stack import Stack

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table as DynamoTable


def flights(stack: Stack) -> "DynamoTable":
    """Return the table of the flights; it takes and returns plain values."""
    return stack.table("FlightsTableName")


def show(stack: Stack) -> None:
    """Print the free seats."""
    table = Table("flight", "available")
    for flight in sorted(flights(stack).scan()["Items"], key=lambda flight: str(flight["flight"])):
        table.add_row(str(flight["flight"]), str(flight["available"]))
    console.print(table)
