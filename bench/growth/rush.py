"""What it costs that many buyers want one sku at once."""

from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from enum import StrEnum
from statistics import median
from typing import Any

import httpx

from bench.calls import quiet, since
from bench.growth.shop import Shop
from bench.load import seconds
from bench.proxy import Proxy
from tools.shop import stock

STRUCK = 0.5
"""The probability with which a transaction is answered with a conflict, where conflicts are injected."""
CANCELLED = "TransactionCanceledException"
CONFLICT: dict[str, Any] = {
    "operation": "TransactWriteItems",
    "probability": STRUCK,
    # As DynamoDB says it (API Reference, "TransactWriteItems"): the order was free, the shelf was not.
    "error": {
        "code": CANCELLED,
        "status": 400,
        "message": "Transaction cancelled, please refer cancellation reasons for specific reasons "
        "[None, TransactionConflict]",
        "fields": {"CancellationReasons": [{"Code": "None"}, {"Code": "TransactionConflict"}]},
    },
}
COUNT = {"probability": 1, "latency": 0}
"""Strikes each call that no other rule strikes, and delays it by nothing: it is counted."""


class Contention(StrEnum):
    """The pieces that buyers want who come at once."""

    SPREAD = "each on a shelf of its own"
    HOT = "all on one shelf"
    CONFLICTS = "all on one shelf, with conflicts"


@dataclass
class Rushes:
    """Buyers who came at once, several times over."""

    seconds: list[float] = field(default_factory=list)
    """From the first POST until all orders were final."""
    transactions: int = 0
    """On the wire."""
    conflicts: int = 0
    """How many of those the proxy answered with a conflict."""
    ends: Counter[str] = field(default_factory=Counter)

    def figures(self) -> dict[str, Any]:
        """Return the counts of all rounds together, and the median of the seconds."""
        return {
            "rounds": len(self.seconds),
            "orders": self.ends.total(),
            "shipped": self.ends["SHIPPING_SCHEDULED"],
            "refused": self.ends["INVENTORY_FAILED"],
            "transactions": self.transactions,
            "conflicts": self.conflicts,
            "seconds": median(self.seconds),
        }


def by_contention(shop: Shop, buyers: int, rounds: int) -> dict[Contention, Rushes]:
    """Send buyers all at once, with pieces for half of them, to each kind of shelves in turns."""
    # The first one starts all environments that there may be, and does not count.
    _rush(shop, Contention.SPREAD, buyers, "FIRST", Rushes())
    found = {contention: Rushes() for contention in Contention}
    for number in range(rounds):
        for contention in Contention:
            _rush(shop, contention, buyers, f"{contention.name}-{number}", found[contention])
    return found


def shelves(contention: Contention, buyers: int, name: str) -> tuple[list[str], dict[str, int]]:
    """Return the sku that each buyer wants, and the pieces on each shelf: enough for half of the buyers."""
    pieces = buyers // 2
    if contention is not Contention.SPREAD:
        return [name] * buyers, {name: pieces}
    skus = [f"{name}-{buyer}" for buyer in range(buyers)]
    return skus, {sku: int(buyer < pieces) for buyer, sku in enumerate(skus)}


def _rush(shop: Shop, contention: Contention, buyers: int, name: str, found: Rushes) -> None:
    """Send the buyers once, and add what is seen of them."""
    skus, pieces = shelves(contention, buyers, name)
    inventory = stock.shelves(shop.stack)
    for sku, available in pieces.items():
        inventory.put_item(Item={"sku": sku, "available": available})
    shop.proxy.set_rules([CONFLICT, COUNT] if contention is Contention.CONFLICTS else [COUNT])
    before, struck_before = shop.proxy.counted(), _struck(shop.proxy)
    with ThreadPoolExecutor(buyers) as at_once:
        placed = list(at_once.map(shop.client.place, skus))
    records = shop.client.wait_until_final([order.order_id for order in placed]).values()
    ended = max(seconds(record["updatedAt"]) for record in records)
    found.seconds.append(ended - min(order.sent for order in placed))
    found.transactions += since(before, quiet(shop.proxy))["TransactWriteItems"]
    found.conflicts += _struck(shop.proxy) - struck_before
    found.ends.update(record["status"] for record in records)


def _struck(proxy: Proxy) -> int:
    """Count the transactions that the proxy has answered with a conflict so far."""
    rules = httpx.get(f"{proxy.url}/_microburst/stats").raise_for_status().json()["by_rule"]
    return sum(rule["fired"] for rule in rules if rule["describe"] == f"error:{CANCELLED}")


def rows(found: Mapping[Contention, Rushes]) -> list[dict[str, Any]]:
    """Return the figures of each kind of shelves, with the ratio of its time to that of shelves of their own."""
    figures = [{"pieces": contention.value, **rushes.figures()} for contention, rushes in found.items()]
    return [row | {"ratio": row["seconds"] / median(found[Contention.SPREAD].seconds)} for row in figures]
