"""What the console shows of the shop beside its orders: the shelves, and the sums that have to be right."""

import sqlite3
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from contract.events import InventoryReserved
from tools.base.stack import Stack
from tools.base.transitions import EVENT_OF_STATUS, TERMINAL
from tools.shop.stock import shelves
from tools.shop.sums import Pieces, Record, Records, Stands, Sum, Suspects, been, records

BOOKS = "simulated-gateway.sqlite"
"""The books of the simulated payment provider, in the folder for temporary files that the functions share."""
FILL = "Restock"
Money = Mapping[str, tuple[str, int, str]]
"""State, amount and currency by order."""


def shelf_rows(stack: Stack) -> list[dict[str, Any]]:
    """Return what lies on the shelves, as the rows of a table."""
    found = shelves(stack).scan()["Items"]
    return [
        {"sku": str(shelf["sku"]), "available": int(str(shelf.get("available", 0)))}
        for shelf in sorted(found, key=lambda shelf: str(shelf["sku"]))
    ]


def holds_in_flight(order: Mapping[str, Any]) -> Mapping[str, int]:
    """Return the pieces that an order in flight has reserved, by what the first column of a shelf's row says."""
    event = EVENT_OF_STATUS.get(order["status"])
    reserved = event is not None and issubclass(event, InventoryReserved) and not event.terminal
    return _takes(order) if reserved else {}


class Panel:
    """Counts pieces and money, time and again."""

    def __init__(self, temporary: Path) -> None:
        self._books = temporary / BOOKS
        self._pieces = Pieces("Pieces", _takes, _holds)
        self._suspects = Suspects()

    def begin_anew(self) -> None:
        """Take what there is for right: somebody filled the shelves."""
        self._pieces.begin_anew()

    def sums(self, stack: Stack) -> list[Sum]:
        """Count once."""
        before = records(stack)
        on_shelves = {shelf["sku"]: shelf["available"] for shelf in shelf_rows(stack)}
        money = self._money()
        return [self._pieces.count(before, on_shelves, records(stack)), self.money(before, money)]

    def money(self, orders: Records, money: Money) -> Sum:
        """Compare what the provider keeps with what was shipped."""
        kept, owed, under_way = Counter[str](), Counter[str](), Counter[str]()
        wrong = set[str]()
        for key, order in orders.items():
            state, amount, currency = money.get(key, ("", 0, order["currency"]))
            taken = amount if state == "charged" else 0
            if order["status"] not in TERMINAL:
                under_way[currency] += taken
                continue
            due = int(order["amount"]) if order["status"] == "SHIPPING_SCHEDULED" else 0
            kept[currency] += taken
            owed[order["currency"]] += due
            if taken != due:
                wrong.add(key)
        surely = self._suspects.convicted(wrong)
        return Sum(
            "Money",
            Stands.WRONG if surely else Stands.COUNTING if wrong else Stands.RIGHT,
            {"kept": _shown(kept), "owed to us": _shown(owed), "under way": _shown(under_way)},
            f"Wrong for {', '.join(sorted(surely)[:3])}."
            if surely
            else "Shipped orders are paid for once; all other money was refunded.",
        )

    def _money(self) -> Money:
        if not self._books.exists():
            return {}
        with closing(sqlite3.connect(f"file:{self._books}?mode=ro", uri=True, timeout=5)) as books:
            rows = books.execute("SELECT key, state, amount, currency FROM payments").fetchall()
        return {key: (state, amount, currency) for key, state, amount, currency in rows}


def _takes(order: Record) -> Mapping[str, int]:
    return {str(order["sku"]): int(order["quantity"])}


def _holds(order: Record) -> bool:
    """Return whether an order has pieces that are on no shelf: reserved, or shipped."""
    return "INVENTORY_RESERVED" in been(order) and "INVENTORY_RELEASED" not in been(order)


def _shown(amounts: Mapping[str, int]) -> str:
    told = [f"{amount / 100:,.2f} {currency}" for currency, amount in sorted(amounts.items()) if amount]
    return " + ".join(told) or "0.00"
