"""What an order costs, by the orders that the table holds."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from statistics import median
from typing import Any

from bench.calls import quiet, since
from bench.growth.shop import SKU, Shop
from bench.growth.synthetic_orders import SyntheticOrders, mostly_ended
from bench.load import alone, seconds


@dataclass
class Costs:
    """Orders that were placed with so many others in the table."""

    milliseconds: list[float] = field(default_factory=list)
    calls: Counter[str] = field(default_factory=Counter)
    reads: list[float] = field(default_factory=list)
    """Milliseconds of a read of one record by the benchmark: what the emulator takes by itself."""

    def figures(self) -> dict[str, Any]:
        """Return the functions' calls for one order, and medians of the times, in milliseconds."""
        calls = {operation: count / len(self.milliseconds) for operation, count in sorted(self.calls.items())}
        return {
            "calls": sum(calls.values()),
            "callsByOperation": calls,
            "milliseconds": median(self.milliseconds),
            "millisecondsOfARead": median(self.reads),
        }


def by_table_size(shop: Shop, sizes: Sequence[int], orders: int, rounds: int) -> dict[int, Costs]:
    """Place happy orders, one at a time, with so many others in the table: once around the sizes, and again."""
    synthetic, found = SyntheticOrders(shop.orders, mostly_ended), {size: Costs() for size in sizes}
    for size in list(sizes) * rounds:
        synthetic.hold(size)
        _place(shop, orders, found[size])
    synthetic.hold(0)
    return found


def _place(shop: Shop, orders: int, found: Costs) -> None:
    before = shop.proxy.count_from_now()
    for _ in range(orders):
        placed = shop.client.place(SKU)
        record = shop.client.wait_until_final([placed.order_id])[placed.order_id]
        found.milliseconds.append((seconds(record["updatedAt"]) - placed.sent) * 1_000)
    key = {"orderId": placed.order_id}
    found.calls.update(since(before, quiet(shop.proxy)))
    found.reads.append(alone(partial(shop.orders.get_item, Key=key, ConsistentRead=True)))


def rows(found: Mapping[int, Costs]) -> list[dict[str, Any]]:
    """Return the figures of each size, with the ratio to the smallest."""
    figures = [{"orders": size, **full.figures()} for size, full in found.items()]
    return [row | {"ratio": row["milliseconds"] / figures[0]["milliseconds"]} for row in figures]
