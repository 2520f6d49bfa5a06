"""What orders cost on AWS: calls counted, times estimated, prices looked up.

The formula, for a million orders of one kind:

    API calls          x price of a million API calls
    + PutEvents        x price of a million events
    + write units      x price of a million write units, where PutItem and UpdateItem take 1, a transaction of two items
                         takes 4, and the in-flight index takes 2: when the order comes, and when it ends
    + runs             x price of a million runs
    + runs' seconds    x memory in GB x price of a GB-second x a million
    + log in GB        x price of a GB of log, about 1.25 KB a run

Sources: "Amazon DynamoDB Transactions: How it works" for the units of a transaction; the rest stands with the prices.
"""

import json
from collections.abc import Mapping
from pathlib import Path

from rich.console import RenderableType
from rich.table import Column, Table

from tools.base.target import ROOT

PRICES = ROOT / "docs" / "prices.json"
BENCHMARK = ROOT / "docs" / "benchmarks.json"
"""Where the benchmark leaves the calls that it counted on the wire, by kind of order, under `calls`."""

COUNTED = {
    "happy": {"PutItem": 1, "TransactWriteItems": 1, "UpdateItem": 2, "PutEvents": 4},
    "out of stock": {"PutItem": 1, "TransactWriteItems": 1, "UpdateItem": 1, "PutEvents": 2},
    "declined": {"PutItem": 1, "TransactWriteItems": 2, "UpdateItem": 1, "PutEvents": 4},
    "undeliverable": {"PutItem": 1, "TransactWriteItems": 2, "UpdateItem": 3, "PutEvents": 6},
}
"""Calls of an order of each kind; a test counts them."""
PROVIDER_CALLS = {"happy": 2, "out of stock": 0, "declined": 1, "undeliverable": 3}
UNITS = {"PutItem": 1, "UpdateItem": 1, "TransactWriteItems": 4}
INDEX_UNITS = 2

OWN_SECONDS, PROVIDER_SECONDS = 0.05, 0.3
"""Estimates: what a run takes by itself, and what it waits for a provider."""
MEMORY_GB, LOG_GB_A_RUN = 0.5, 1.25e-6
MILLION = 1_000_000

Calls = Mapping[str, int]


def calls_by_kind() -> Mapping[str, Calls]:
    """Return the calls of an order of each kind: as the benchmark counted them, if it was run."""
    if BENCHMARK.is_file():
        found: Mapping[str, Calls] = json.loads(BENCHMARK.read_text())["calls"]
        return found
    return COUNTED


def prices(file: Path = PRICES) -> Mapping[str, float]:
    """Return the prices, in dollars."""
    found: Mapping[str, float] = json.loads(file.read_text())["dollars"]
    return found


def write_units(calls: Calls, index_units: int = INDEX_UNITS) -> int:
    """Return the write units of these calls, each item under 1 KB, and of an index."""
    return index_units + sum(calls.get(call, 0) * units for call, units in UNITS.items())


def of_a_million(
    kind: str, calls: Calls, price: Mapping[str, float], index_units: int = INDEX_UNITS
) -> dict[str, float]:
    """Return what a million orders of a kind cost, in dollars, by service; `index_units` is what an index takes."""
    runs, units = calls["PutEvents"], write_units(calls, index_units)
    seconds = runs * OWN_SECONDS + PROVIDER_CALLS[kind] * PROVIDER_SECONDS
    return {
        "API Gateway": price["million API calls"],
        "EventBridge": calls["PutEvents"] * price["million events"],
        "DynamoDB": units * price["million write units"],
        "Lambda": runs * price["million runs"] + seconds * MEMORY_GB * MILLION * price["GB-second on arm64"],
        "CloudWatch Logs": runs * LOG_GB_A_RUN * MILLION * price["GB of log"],
    }


def table() -> RenderableType:
    """Return a table of what a million orders cost, by kind and service."""
    price, known = prices(), json.loads(PRICES.read_text())
    by_kind = {kind: of_a_million(kind, calls, price) for kind, calls in calls_by_kind().items()}
    services = list(next(iter(by_kind.values())))
    drawn = Table(
        "a million orders, in $",
        *(Column(kind, justify="right") for kind in by_kind),
        caption=f"{known['region']}, {known['date']}, {known['source']}; formula and estimates: tools/shop/cost.py",
    )
    for service in services:
        drawn.add_row(service, *(f"{cost[service]:.2f}" for cost in by_kind.values()))
    drawn.add_section()
    drawn.add_row("sum", *(f"{sum(cost.values()):.2f}" for cost in by_kind.values()))
    return drawn
