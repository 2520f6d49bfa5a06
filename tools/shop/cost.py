"""What orders cost on AWS: calls counted, times estimated, prices looked up.

The formula, for a million orders of one kind:

    API calls          x price of a million API calls
    + PutEvents        x price of a million events
    + write units      x price of a million write units, where PutItem and UpdateItem take 1, a transaction of two items
                         takes 4, and the in-flight index takes 2: when the order comes, and when it ends
    + runs             x price of a million runs
    + runs' seconds    x memory in GB x price of a GB-second x a million
    + log in GB        x price of a GB of log

What a stack costs by the month, however many orders it takes, is shared by the orders of a month at a steady rate.
Traces and the archive are charged by the order too, but can be switched off; they are listed by themselves.

Sources: "Amazon DynamoDB Transactions: How it works" for the units of a transaction; the rest stands with the prices.
"""

import json
from collections.abc import Mapping
from pathlib import Path

from rich.console import Group, RenderableType
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

OWN_SECONDS = 0.03
"""What a run takes by itself, calculated: a write of 8.4 ms and a publish of 13.5 ms, as microburst observed them on
AWS, and a millisecond of a whole processor, of which 256 MB have a seventh ("Configure Lambda function memory")."""
PROVIDER_SECONDS = 0.3
"""What a provider takes to answer, estimated."""
MEMORY_GB, WAITING_MEMORY_GB = 0.5, 0.25
"""Of a function, and of one that calls a provider: it waits for nine tenths of its time."""
LOG_GB_A_RUN = 1.125e-6
"""The function's line, metrics included, and Lambda's own three lines; a test measures the first."""
MILLION = 1_000_000

ALARMS, METRICS = 37, 13
"""What is charged by the month: alarms, and metrics that a stack has whose orders are happy; a test counts them."""
RATE = 10
"""Orders a second over which the month's charges are shared."""
SECONDS_A_MONTH = 30 * 24 * 3600
TRACED = (1 + 0.05 * (RATE - 1)) / RATE
"""The part of the orders that X-Ray samples by default: one a second, and a twentieth of the rest."""
EVENT_GB = 1e-6
"""What an event takes in the archive, its envelope included, estimated."""

Calls = Mapping[str, int]
Costs = Mapping[str, float]


def calls_by_kind() -> Mapping[str, Calls]:
    """Return the calls of an order of each kind: as the benchmark counted them, if it was run."""
    if BENCHMARK.is_file():
        found: Mapping[str, Calls] = json.loads(BENCHMARK.read_text())["calls"]
        return found
    return COUNTED


def prices(file: Path = PRICES) -> Costs:
    """Return the prices, in dollars."""
    found: Costs = json.loads(file.read_text())["dollars"]
    return found


def write_units(calls: Calls, index_units: int = INDEX_UNITS) -> int:
    """Return the write units of these calls, each item under 1 KB, and of an index."""
    return index_units + sum(calls.get(call, 0) * units for call, units in UNITS.items())


def seconds(kind: str, runs: int) -> float:
    """Return how long so many runs of an order's functions take together."""
    return runs * OWN_SECONDS + PROVIDER_CALLS[kind] * PROVIDER_SECONDS


def gb_seconds(kind: str, runs: int) -> float:
    """Return the GB-seconds of an order's functions; those that call a provider have less memory."""
    waiting = PROVIDER_CALLS[kind]
    return (runs - waiting) * OWN_SECONDS * MEMORY_GB + seconds(kind, waiting) * WAITING_MEMORY_GB


def of_a_million(kind: str, calls: Calls, price: Costs, index_units: int = INDEX_UNITS) -> Costs:
    """Return what a million orders of a kind cost, in dollars, by service; `index_units` is what an index takes."""
    runs, units = calls["PutEvents"], write_units(calls, index_units)
    return {
        "API Gateway": price["million API calls"],
        "EventBridge": calls["PutEvents"] * price["million events"],
        "DynamoDB": units * price["million write units"],
        "Lambda": runs * price["million runs"] + gb_seconds(kind, runs) * MILLION * price["GB-second on arm64"],
        "CloudWatch Logs": runs * LOG_GB_A_RUN * MILLION * price["GB of log"],
    }


def of_a_month(price: Costs) -> Costs:
    """Return what a stack costs by the month, in dollars, however many orders it takes."""
    return {
        "Alarms": ALARMS * price["alarm-month"],
        "Metrics": METRICS * price["metric-month"],
        "Dashboard": price["dashboard-month"],
        "Key of the alarms": price["key-month"],
    }


def monthly_share(price: Costs) -> float:
    """Return what a million orders bear of the month's charges, in dollars, at `RATE`."""
    return sum(of_a_month(price).values()) * MILLION / (RATE * SECONDS_A_MONTH)


def optional(calls: Calls, price: Costs) -> Costs:
    """Return what a million orders cost beside that, in dollars, at `RATE`, as the template has it by default."""
    return {
        "Traces": TRACED * price["million traces"],
        "Archive, 30 days": calls["PutEvents"]
        * EVENT_GB
        * MILLION
        * (price["GB archived"] + price["GB-month of the archive"]),
    }


def table() -> RenderableType:
    """Return tables of what a million orders cost, by kind and service, and of what a stack costs by the month."""
    price, known = prices(), json.loads(PRICES.read_text())
    by_kind = {kind: of_a_million(kind, calls, price) for kind, calls in calls_by_kind().items()}
    beside = {kind: optional(calls, price) for kind, calls in calls_by_kind().items()}
    services, more = list(next(iter(by_kind.values()))), list(next(iter(beside.values())))
    drawn = Table(
        "a million orders, in $",
        *(Column(kind, justify="right") for kind in by_kind),
        caption=f"{known['region']}, {known['date']}, {known['source']}; formula and estimates: tools/shop/cost.py",
    )
    for service in services:
        drawn.add_row(service, *(f"{cost[service]:.2f}" for cost in by_kind.values()))
    share = monthly_share(price)
    drawn.add_row(f"alarms, metrics at {RATE} a second", *(f"{share:.2f}" for _ in by_kind))
    drawn.add_section()
    drawn.add_row("sum", *(f"{sum(cost.values()) + share:.2f}" for cost in by_kind.values()))
    drawn.add_section()
    for service in more:
        drawn.add_row(f"beside that: {service}", *(f"{cost[service]:.2f}" for cost in beside.values()))
    month = Table("a stack, by the month, in $", Column("", justify="right"))
    for what, dollars in of_a_month(price).items():
        month.add_row(what, f"{dollars:.2f}")
    return Group(drawn, month)
