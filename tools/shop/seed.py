"""The data that a stack needs before it can be tried out."""

from collections.abc import Mapping
from typing import Any

from tools.base.stack import Stack
from tools.shop.stock import shelves

SHELVES = {"BOOK": 100, "LAMP": 50, "OUT-OF-STOCK": 0}
"""Pieces of each sku after `make deploy` on an emulator, or `make stock FILL=yes`."""
PIECES = 100
"""Pieces of any other sku that an order of its own is made up for."""


def seed(stack: Stack) -> None:
    """Put the demo's pieces on the shelves, whatever lay there before."""
    for sku, available in SHELVES.items():
        shelves(stack).put_item(Item={"sku": sku, "available": available})


def seed_for(stack: Stack, record: Mapping[str, Any]) -> None:
    """Put pieces on the shelf that an order takes from, if there is no such shelf."""
    sku = str(record["sku"])
    if "Item" not in shelves(stack).get_item(Key={"sku": sku}):
        shelves(stack).put_item(Item={"sku": sku, "available": SHELVES.get(sku, PIECES)})
