"""What an order costs: AWS calls counted on the wire, write units, dollars, and the size of its record."""

import json
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from time import monotonic, sleep
from typing import Any

from bench.baseline.deployment import Baseline
from bench.ground import Grounds
from bench.item_size import item_size
from bench.load import Client, Record
from bench.places import ORDER_SAGA
from bench.proxy import Proxy
from bench.section import Goal, Scale, Section, Table
from tools.base.console import doing
from tools.base.problem import ProblemError
from tools.base.stack import Stack
from tools.base.waiting import wait_for
from tools.operating.publishing import publish
from tools.shop import cost, stock

KINDS = {
    "happy": ("IN-STOCK", "CUST-1", "SHIPPING_SCHEDULED"),
    "out of stock": ("OUT-OF-STOCK", "CUST-1", "INVENTORY_FAILED"),
    "declined": ("IN-STOCK", "CUST-DECLINE", "INVENTORY_RELEASED"),
    "undeliverable": ("IN-STOCK", "CUST-UNDELIVERABLE", "INVENTORY_RELEASED"),
}
"""Of each kind of order: what it is for, who places it, and how it ends."""
WRITES = {"PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems"}
PUBLISHES = {"PutEvents"}
QUIET, LOOK_EVERY, LOOKS = 0.25, 0.05, 1_000
"""Seconds without a call after which no more is expected, since a step takes a tenth of that; and how it is seen."""
INDEX_UNITS: dict[str, int] = {ORDER_SAGA: cost.INDEX_UNITS, Baseline.NAIVE: 0, Baseline.IDEMPOTENT: 0}
"""Write units that an order takes in an index; the baselines have none."""
KIBIBYTE = 1024
ABOUT = """\
Each choreography runs one order of each kind, one after the other, on the emulator. Its functions call AWS through
microburst, a proxy that counts each call by its operation; the benchmark's own calls bypass the proxy, and the
scheduled recovery is off. The baselines are the **naive** chain of most tutorials, where each step writes, publishes
and guards against nothing, and the **same chain with Powertools' idempotency** on every step except the one that reads.
The naive chain writes only what the final record needs: it skips the statuses of a compensation, which order-saga
keeps. A write is a PutItem, an UpdateItem or a TransactWriteItems, a publish is a PutEvents, and anything else counts
as a read. Dollars follow from the counted calls by the formula of `tools/shop/cost.py` and the list prices of
`docs/prices.json`; memory, time and log of an invocation are the formula's, the same for all three. A record's size is
counted by DynamoDB's rule, names and values in UTF-8."""
REST = (
    "Powertools' idempotency stops duplicates, and nothing else: if a function dies between its write and its publish, "
    "nobody publishes, and stock changes separately from its order."
)
DOLLARS = 20
"""What a million happy orders may cost, alarms and metrics included."""

Calls = Mapping[str, int]


@dataclass(frozen=True)
class Counted:
    """An order of one kind: the calls that the functions made for it, and its record at the end."""

    calls: Calls
    record: Record


@dataclass(frozen=True)
class Duplicate:
    """What followed when the first event of a finished order came again."""

    calls: Calls
    pieces: int
    """Taken off the shelf once more."""
    charged: bool
    """Whether the order has another payment than before."""


@dataclass(frozen=True)
class Measured:
    """All that was seen of one choreography."""

    kinds: Mapping[str, Counted]
    duplicate: Duplicate


def measure(_scale: Scale, grounds: Grounds) -> Section:
    """Count the calls of every kind of order and of a duplicate, for order-saga and both variants of the baseline.

    Once is enough: counts do not vary.
    """
    ground = grounds.proxied
    clients = ground.clients(ORDER_SAGA, *Baseline)
    # Nothing is counted while environments start, and a call may take so long that it is repeated.
    with doing("starting all functions"), ThreadPoolExecutor() as warming:
        list(warming.map(warm_up, clients.values()))
    with doing("counting the calls of each kind of order"):
        return section({name: watch(client, ground.proxy) for name, client in clients.items()})


def warm_up(client: Client) -> None:
    """Fill the shelves, and run an order that goes through every function."""
    for sku, pieces in (("IN-STOCK", 10), ("OUT-OF-STOCK", 0)):
        client.fill(sku, pieces)
    sku, customer, _ = KINDS["undeliverable"]
    client.wait_until_final([client.place(sku, customer).order_id])


def watch(client: Client, proxy: Proxy) -> Measured:
    """Place one order of each kind, one after the other, and then repeat the happy one's first event."""
    kinds = {kind: count(client, proxy, kind) for kind in KINDS}
    return Measured(kinds, repeat(client, proxy, kinds["happy"].record))


def count(client: Client, proxy: Proxy, kind: str) -> Counted:
    """Place an order and count the calls until it is final and quiet. Raises `ProblemError` if it ends otherwise."""
    sku, customer, status = KINDS[kind]
    before = proxy.count_from_now()
    order_id = client.place(sku, customer).order_id
    # The record is read past the proxy.
    record = client.wait_until_final([order_id])[order_id]
    if record["status"] != status:
        raise ProblemError(f"an order that is {kind} ended as {record['status']}")
    return Counted(since(before, quiet(proxy)), record)


def repeat(client: Client, proxy: Proxy, record: Record) -> Duplicate:
    """Publish a finished order's first event once more, and tell what that did."""
    stack, order_id = client.stack, record["orderId"]
    names = ("orderId", "customerId", "sku", "quantity", "amount", "currency", "createdAt")
    before, pieces = proxy.count_from_now(), available(stack, record["sku"])
    # Past the proxy, too.
    publish(stack, "OrderCreated", json.dumps({name: record[name] for name in names}, default=int))
    wait_for(lambda: since(before, proxy.counted()), seconds=5)
    calls = since(before, quiet(proxy))
    again = client.wait_until_final([order_id])[order_id]
    return Duplicate(calls, pieces - available(stack, record["sku"]), again["paymentId"] != record["paymentId"])


def available(stack: Stack, sku: str) -> int:
    """Return how many pieces are on a shelf."""
    shelf = stock.shelves(stack).get_item(Key={"sku": sku}, ConsistentRead=True)["Item"]
    return int(str(shelf["available"]))


def quiet(proxy: Proxy) -> Counter[str]:
    """Wait until no call is made any more, and return the calls so far. Raises `ProblemError` if they do not end."""
    seen, changed = proxy.counted(), monotonic()
    for _ in range(LOOKS):
        sleep(LOOK_EVERY)
        now = proxy.counted()
        if now != seen:
            seen, changed = now, monotonic()
        elif monotonic() - changed > QUIET:
            return seen
    raise ProblemError("the functions do not stop calling AWS")


def since(before: Counter[str], now: Counter[str]) -> dict[str, int]:
    """Return what was called between two counts, by operation in alphabetical order."""
    return dict(sorted((now - before).items()))


def tally(calls: Calls) -> tuple[int, int, int]:
    """Return the number of writes, of publishes, and of all others: reads."""
    writes, publishes = (sum(calls.get(operation, 0) for operation in kind) for kind in (WRITES, PUBLISHES))
    return writes, publishes, sum(calls.values()) - writes - publishes


def units(name: str, counted: Counted) -> int:
    """Return the write units of an order; only order-saga has an index."""
    return cost.write_units(counted.calls, INDEX_UNITS[name])


def dollars(name: str, kind: str, counted: Counted) -> float:
    """Return what a million orders of a kind cost."""
    return sum(cost.of_a_million(kind, counted.calls, cost.prices(), INDEX_UNITS[name]).values())


def section(measured: Mapping[str, Measured]) -> Section:
    """Describe what was measured."""
    sizes = {kind: item_size(counted.record) for kind, counted in measured[ORDER_SAGA].kinds.items()}
    return Section(
        title="What an order costs",
        about=ABOUT,
        tables={
            "AWS calls of one order: writes + publishes + reads": by_kind(
                measured, lambda _name, _kind, counted: " + ".join(map(str, tally(counted.calls)))
            ),
            "DynamoDB write units of one order": by_kind(
                measured, lambda name, _kind, counted: str(units(name, counted))
            ),
            "A million orders ($)": by_kind(
                measured, lambda name, kind, counted: f"{dollars(name, kind, counted):.2f}"
            ),
            "A duplicate: the first event of a finished happy order comes a second time": Table(
                ["choreography", "writes + publishes + reads", "pieces taken again", "charged again"],
                [[name, *tell(seen.duplicate)] for name, seen in measured.items()],
            ),
            "The record of order-saga at the end of an order": Table(
                ["kind", "size (bytes)"], [[kind, str(size)] for kind, size in sizes.items()]
            ),
        },
        goals=goals(measured, max(sizes.values())),
        notes=notes(measured),
        figures=figures(measured) | {"recordBytes": sizes},
    )


def by_kind(measured: Mapping[str, Measured], cell: Callable[[str, str, Counted], str]) -> Table:
    """Draw a table with a row for each choreography and a column for each kind of order."""
    return Table(
        ["choreography", *KINDS],
        [[name, *(cell(name, kind, seen.kinds[kind]) for kind in KINDS)] for name, seen in measured.items()],
    )


def tell(duplicate: Duplicate) -> list[str]:
    """Return a duplicate's row."""
    calls = " + ".join(map(str, tally(duplicate.calls)))
    return [calls, str(duplicate.pieces), "yes" if duplicate.charged else "no"]


def goals(measured: Mapping[str, Measured], largest: int) -> list[Goal]:
    """Compare with what was to be reached; `largest` is the size of the largest record, in bytes."""
    ours, theirs = (tally(measured[name].kinds["happy"].calls) for name in (ORDER_SAGA, Baseline.NAIVE))
    price = dollars(ORDER_SAGA, "happy", measured[ORDER_SAGA].kinds["happy"]) + cost.monthly_share(cost.prices())
    return [
        Goal(
            "a happy order makes the calls of the naive chain, and no read",
            "4 writes, 4 publishes, 0 reads, both",
            "{} writes, {} publishes, {} reads; the naive chain {}, {}, {}".format(*ours, *theirs),
            ours == theirs == (4, 4, 0),
        ),
        Goal(
            "every record is under 1 KB, so that a write takes one unit",
            f"less than {KIBIBYTE} bytes",
            f"{largest} bytes at the most",
            largest < KIBIBYTE,
        ),
        Goal(
            f"a million happy orders, with alarms and metrics at {cost.RATE} a second",
            f"under ${DOLLARS}",
            f"${price:.2f}",
            price < DOLLARS,
        ),
    ]


def notes(measured: Mapping[str, Measured]) -> list[str]:
    """Explain what the guards cost, beside the naive chain and beside the usual remedy."""
    happy = {name: seen.kinds["happy"] for name, seen in measured.items()}
    price = {name: dollars(name, "happy", counted) for name, counted in happy.items()}
    more = units(ORDER_SAGA, happy[ORDER_SAGA]) - units(Baseline.NAIVE, happy[Baseline.NAIVE])
    beside_naive, beside_idempotent = (price[ORDER_SAGA] - price[name] for name in Baseline)
    guards = (
        f"The guards cost {more} write units a happy order. DynamoDB doubles the units of a transaction, which moves "
        "stock and order together; and the in-flight index, by which recovery finds stuck orders, takes "
        f"{cost.INDEX_UNITS}. A million happy orders cost {difference(beside_naive)} than the naive chain's, and "
        f"{difference(beside_idempotent)} than those of the naive chain with idempotency."
    )
    return [guards, REST]


def difference(dollars: float) -> str:
    """Write a difference of prices in words: `$1.20 less`."""
    return f"${abs(dollars):.2f} {'more' if dollars > 0 else 'less'}"


def figures(measured: Mapping[str, Measured]) -> dict[str, Any]:
    """Return it all as plain numbers."""
    calls = {
        name: {kind: dict(counted.calls) for kind, counted in seen.kinds.items()} for name, seen in measured.items()
    }
    return {
        "calls": calls[ORDER_SAGA],
        "baselines": {name: calls[name] for name in Baseline},
        "dollarsAMillion": {
            name: {kind: round(dollars(name, kind, counted), 2) for kind, counted in seen.kinds.items()}
            for name, seen in measured.items()
        },
        "duplicates": {
            name: {
                "calls": dict(seen.duplicate.calls),
                "piecesTakenAgain": seen.duplicate.pieces,
                "chargedAgain": seen.duplicate.charged,
            }
            for name, seen in measured.items()
        },
    }
