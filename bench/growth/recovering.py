"""What recovery costs, by stuck orders."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from statistics import median
from time import perf_counter
from typing import Any

from microburst.rules import LATENCY_PRESETS  # type: ignore[import-untyped]

from bench.calls import quiet, since
from bench.growth.process import process_of
from bench.growth.shop import Shop
from bench.growth.synthetic_orders import SyntheticOrders, stuck
from bench.load import alone
from saga.in_flight import INDEX
from tools.operating import recovery

FUNCTION = "RecoverOrders"
MOST_RUNS = 3
"""Runs after which recovery is taken not to get through."""
TIMEOUT = 300_000
"""Milliseconds, as the template says."""


@dataclass(frozen=True)
class Recovered:
    """A recovery of all stuck orders, in as many runs as it took."""

    runs: int
    complete: bool
    """Whether the last run said that it had been through all of them."""
    published: int
    milliseconds: float
    calls: Mapping[str, int]
    query: float
    """Milliseconds of a query by the benchmark for one page of the index: what the emulator takes by itself."""
    processor: float | None
    """Milliseconds of processor time; None where the system does not tell."""
    peak: float | None
    """Megabytes that the function's process had at once; None where the system does not tell."""


def by_stuck_orders(shop: Shop, sizes: Sequence[int], rounds: int) -> dict[int, list[Recovered]]:
    """Run recovery with so many stuck orders, each size in turns; no step consumes what it publishes."""
    with _nobody_consumes(shop):
        # Its cold start, and whatever else may be in flight, are not to be measured.
        recovery.run(shop.stack)
        synthetic, found = SyntheticOrders(shop.orders, stuck), {size: list[Recovered]() for size in sizes}
        for size in list(sizes) * rounds:
            synthetic.hold(size)
            found[size].append(_recover(shop))
        synthetic.hold(0)
    return found


@contextmanager
def _nobody_consumes(shop: Shop) -> Iterator[None]:
    """Switch the rules of the steps off for a while."""
    events = shop.stack.client("events")
    bus = shop.stack.output("EventBusName")
    rules = [rule["Name"] for rule in events.list_rules(EventBusName=bus)["Rules"]]
    for rule in rules:
        events.disable_rule(Name=rule, EventBusName=bus)
    yield
    for rule in rules:
        events.enable_rule(Name=rule, EventBusName=bus)


def _recover(shop: Shop) -> Recovered:
    process = process_of(shop.stack.physical_id(FUNCTION))
    if process:
        process.forget_peak()
    used, before = process.processor_seconds if process else 0, shop.proxy.count_from_now()
    runs, published, complete, began = 0, 0, False, perf_counter()
    while not complete and runs < MOST_RUNS:
        said = recovery.run(shop.stack)
        runs, published, complete = runs + 1, published + said.recovered, said.complete
    took = (perf_counter() - began) * 1_000
    return Recovered(
        runs,
        complete,
        published,
        took,
        since(before, quiet(shop.proxy)),
        # As `saga.in_flight` asks for it.
        alone(
            partial(
                shop.orders.query,
                IndexName=INDEX,
                KeyConditionExpression="inFlight = :shard AND createdAt < :time",
                ExpressionAttributeValues={":shard": "0", ":time": "9999"},
                ProjectionExpression="orderId",
            )
        ),
        (process.processor_seconds - used) * 1_000 if process else None,
        process.peak_megabytes if process else None,
    )


def rows(found: Mapping[int, Sequence[Recovered]]) -> list[dict[str, Any]]:
    """Return the figures of each size, with the ratio of the time for an order to that of the smallest."""
    figures = [{"orders": size, **_figures(size, recoveries)} for size, recoveries in found.items()]
    return [row | {"ratio": row["milliseconds"] / figures[0]["milliseconds"]} for row in figures]


def _figures(size: int, found: Sequence[Recovered]) -> dict[str, Any]:
    """Return medians, in milliseconds for each order; of runs and memory the most."""
    calls = {operation: median(each.calls.get(operation, 0) for each in found) for operation in found[0].calls}
    took, query = (median(times) for times in zip(*((each.milliseconds, each.query) for each in found), strict=True))
    peaks = [each.peak for each in found if each.peak is not None]
    used = [each.processor / size for each in found if each.processor is not None]
    processor = median(used) if used else 0
    return {
        "runs": max(each.runs for each in found),
        "complete": all(each.complete and each.published == size for each in found),
        "calls": sum(calls.values()) / size,
        "callsByOperation": calls,
        "seconds": took / 1_000,
        "milliseconds": took / size,
        "millisecondsOfAQuery": query,
        "millisecondsLessTheQueries": (took - calls["Query"] * query) / size,
        "processorMilliseconds": processor,
        "peakMegabytes": max(peaks) if peaks else None,
    }


def latency(operation: str) -> float:
    """Return the milliseconds that a call took on AWS, as microburst observed it there, without the network."""
    return float(LATENCY_PRESETS["events" if operation == "PutEvents" else "dynamodb"]["mean"])
