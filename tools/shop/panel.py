"""What the console shows of the shop beside its orders: the shelves, and the sums that have to be right.

The tables are read one after the other, while orders go on. So the orders are read before and after: one that stood
still in between counts as it is, one that moved as anything it may have been. A sum is wrong if no such count makes it
right.
"""

import sqlite3
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from tools.base.stack import Stack
from tools.base.transitions import TERMINAL
from tools.shop.stock import shelves
from tools.shop.sums import Stands, Sum

Orders = Mapping[str, Mapping[str, Any]]
BOOKS = "simulated-gateway.sqlite"
"""The books of the simulated payment provider, in the folder for temporary files that the functions share."""
FILL = "Fill the shelves"


def held(stack: Stack) -> list[dict[str, Any]]:
    """Return what lies on the shelves, as the rows of a table."""
    found = shelves(stack).scan()["Items"]
    return [
        {"sku": str(shelf["sku"]), "on the shelf": int(str(shelf.get("available", 0)))}
        for shelf in sorted(found, key=lambda shelf: str(shelf["sku"]))
    ]


class Panel:
    """Counts pieces and money, time and again."""

    def __init__(self, temporary: Path) -> None:
        self._books = temporary / BOOKS
        self._pieces: dict[str, int] = {}
        self._suspects: set[str] = set()
        """Orders whose money was wrong at the last look: only what is wrong twice in a row is."""

    def begin_anew(self) -> None:
        """Take what there is for right: somebody filled the shelves."""
        self._pieces.clear()

    def sums(self, stack: Stack) -> list[Sum]:
        """Count once."""
        before = _orders(stack)
        on_shelves = {shelf["sku"]: shelf["on the shelf"] for shelf in held(stack)}
        money = self._money()
        after = _orders(stack)
        return [self._count_pieces(before, on_shelves, after), self._count_money(before, money)]

    def _count_pieces(self, before: Orders, on_shelves: Mapping[str, int], after: Orders) -> Sum:
        fewest, most = Counter[str](), Counter[str]()
        for key, order in after.items():
            sku, pieces, stood = order["sku"], int(order["quantity"]), _moved(before.get(key)) == _moved(order)
            fewest[sku] += _holds(order) * pieces if stood else 0
            most[sku] += _holds(order) * pieces if stood else pieces
        wrong, counting = [], []
        for sku, available in on_shelves.items():
            if sku not in self._pieces and fewest[sku] == most[sku]:
                self._pieces[sku] = available + fewest[sku]
            if (all_of_it := self._pieces.get(sku)) is None:
                counting.append(sku)
            elif available < 0:
                wrong.append(f"{-available} {sku} more were sold than there are")
            elif not available + fewest[sku] <= all_of_it <= available + most[sku]:
                less = all_of_it - available - fewest[sku]
                wrong.append(f"{abs(less)} {sku} {'vanished' if less > 0 else 'appeared'}")
        shelf = sum(on_shelves.values())
        in_orders = sum(most[sku] for sku in on_shelves)
        return Sum(
            "Pieces",
            Stands.WRONG if wrong else Stands.COUNTING if counting else Stands.RIGHT,
            {
                "on the shelves": str(shelf),
                "in orders": str(in_orders),
                "in all": str(sum(self._pieces.values())),
            },
            "; ".join(wrong) or "No piece was lost, none was sold twice.",
        )

    def _count_money(self, orders: Orders, money: Mapping[str, tuple[str, int, str]]) -> Sum:
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
            if (taken, currency) != (due, order["currency"]) and taken != due:
                wrong.add(key)
        surely, self._suspects = wrong & self._suspects, wrong
        return Sum(
            "Money",
            Stands.WRONG if surely else Stands.COUNTING if wrong else Stands.RIGHT,
            {"kept": _money(kept), "owed to us": _money(owed), "under way": _money(under_way)},
            f"wrong for {', '.join(sorted(surely)[:3])}"
            if surely
            else "What was shipped was paid for, once; all else was given back.",
        )

    def _money(self) -> dict[str, tuple[str, int, str]]:
        if not self._books.exists():
            return {}
        with closing(sqlite3.connect(f"file:{self._books}?mode=ro", uri=True, timeout=5)) as books:
            rows = books.execute("SELECT key, state, amount, currency FROM payments").fetchall()
        return {key: (state, amount, currency) for key, state, amount, currency in rows}


def _orders(stack: Stack) -> Orders:
    pages = stack.records.meta.client.get_paginator("scan").paginate(
        TableName=stack.records.name,
        ConsistentRead=True,
        ProjectionExpression="orderId, sku, quantity, amount, currency, #status, history",
        ExpressionAttributeNames={"#status": "status"},
    )
    return {str(item["orderId"]): item for page in pages for item in page["Items"]}


def _moved(order: Mapping[str, Any] | None) -> int:
    return len(order["history"]) if order else 0


def _holds(order: Mapping[str, Any]) -> bool:
    """Return whether an order has pieces that are on no shelf: reserved, or shipped."""
    been = {change["status"] for change in order["history"]}
    return "INVENTORY_RESERVED" in been and "INVENTORY_RELEASED" not in been


def _money(amounts: Mapping[str, int]) -> str:
    told = [f"{amount / 100:,.2f} {currency}" for currency, amount in sorted(amounts.items()) if amount]
    return " + ".join(told) or "0.00"
