"""What was seen of an outage, and the bounds that it has to keep."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from contract import Saga
from saga.record import Record
from tests.simulation.outage.lambda_service import Left
from tests.simulation.outage.tables import deserialized
from tests.simulation.shop.outage.outage import PIECES, SHIPPED, SKUS, Outage
from tests.simulation.shop.outage.outage import sku as sku_of
from tests.simulation.shop.outage.providers import Kind

BREAKERS_OPEN = 60.0
"""Seconds after which every circuit breaker has seen enough failures."""
A_MINUTE = 60.0


@dataclass(frozen=True)
class Figures:
    """What was seen of an outage, in plain numbers."""

    rate: float
    minutes: float
    orders: int
    shipped: int
    at_once: int
    """Functions at once, at most."""
    dead_letters: int
    throttled: int
    """Orders that were refused, for CreateOrder found no concurrency."""
    calls_open: float
    """Calls of the provider a second from the outage's second minute on: the most on average over a minute."""
    calls_open_shortly: float
    """The same over ten seconds."""
    calls_after: int
    """Calls of the provider in the busiest second after the outage."""
    minutes_after: float
    """Minutes after the outage until the last order that was placed before its end is final."""
    not_final: int
    wrong_sums: int
    """Orders and shelves whose money or pieces are not what the orders say."""

    @classmethod
    def of(cls, outage: Outage) -> "Figures":
        """Look at an outage that is over."""
        plan, timeline, records = outage.plan, outage.timeline, outage.records()
        read = [Record.from_item(deserialized({"M": item}), Saga) for item in records.values()]
        last = max(at for key, at in outage.final_at.items() if outage.placed_at[key] < plan.ended)
        return cls(
            rate=plan.rate,
            minutes=plan.minutes,
            orders=outage.placed,
            shipped=sum(record.status == SHIPPED for record in read),
            at_once=max(timeline.at_once.values()),
            dead_letters=outage.service.left[Left.DEAD_LETTER],
            throttled=outage.throttled,
            calls_open=timeline.busiest_while(plan.began + BREAKERS_OPEN, plan.ended, 60),
            calls_open_shortly=timeline.busiest_while(plan.began + BREAKERS_OPEN, plan.ended, 10),
            calls_after=timeline.busiest_second(plan.ended, outage.seconds),
            minutes_after=round(max(0.0, last - plan.ended) / A_MINUTE, 1),
            not_final=len(outage.in_flight),
            wrong_sums=_wrong_sums(outage, read),
        )


def _wrong_sums(outage: Outage, records: list[Record]) -> int:
    wrong, held = 0, Counter[str]()
    for record in records:
        fields, went_through = record.model_extra or {}, {change.status for change in record.history}
        if "INVENTORY_RESERVED" in went_through and "INVENTORY_RELEASED" not in went_through:
            held[fields["sku"]] += fields["quantity"]
        due = fields["amount"] if record.status == SHIPPED else 0
        charged = outage.gateway.charges[record.key]
        right = outage.gateway.held.get(record.key, 0) == due and outage.carrier.shipments[record.key] == bool(due)
        wrong += charged > 1 or (record.is_terminal and not right)
    shelves = outage.tables.items["InventoryTable"]
    for name in map(sku_of, range(SKUS)):
        wrong += int(shelves[name]["available"]["N"]) + held[name] != PIECES
    return wrong


@dataclass(frozen=True)
class Bound:
    """One thing that has to hold, in the words of a table."""

    what: str
    wanted: Callable[[Figures], str]
    found: Callable[[Figures], str]
    holds: Callable[[Figures], bool]
    kinds: frozenset[Kind] = frozenset(Kind)
    """The outages that it is about; of the others the figure is only shown."""


UNREACHABLE = frozenset({Kind.HANG, Kind.REFUSE})
BOUNDS = (
    Bound(
        "Functions at once, at most",
        lambda figures: f"{max(60, 6 * figures.rate):.0f}",
        lambda figures: f"{figures.at_once:,}",
        lambda figures: figures.at_once <= max(60, 6 * figures.rate),
        UNREACHABLE,
    ),
    Bound("Dead letters", lambda _: "0", lambda figures: f"{figures.dead_letters:,}", lambda it: it.dead_letters == 0),
    Bound(
        "Orders refused, CreateOrder throttled",
        lambda _: "0",
        lambda figures: f"{figures.throttled:,}",
        lambda it: it.throttled == 0,
    ),
    Bound(
        "Provider calls a second, breaker open, in the busiest minute",
        lambda _: "2",
        lambda figures: f"{figures.calls_open:,.1f}",
        lambda figures: figures.calls_open <= 2,
        UNREACHABLE,
    ),
    Bound(
        "The same in the busiest ten seconds",
        lambda _: "-",
        lambda figures: f"{figures.calls_open_shortly:,.1f}",
        lambda _: True,
        frozenset(),
    ),
    Bound(
        "Provider calls in the busiest second after",
        lambda figures: f"under {8 * figures.rate:.0f}",
        lambda figures: f"{figures.calls_after:,}",
        lambda it: it.calls_after < 8 * it.rate,
    ),
    Bound(
        "Minutes after until the last order is final",
        lambda _: "25",
        lambda figures: f"{figures.minutes_after:,.1f}",
        lambda it: it.minutes_after <= 25,
    ),
    Bound("Orders not final", lambda _: "0", lambda it: f"{it.not_final:,}", lambda it: it.not_final == 0),
    Bound("Sums that are wrong", lambda _: "0", lambda it: f"{it.wrong_sums:,}", lambda it: it.wrong_sums == 0),
)


@dataclass(frozen=True)
class Seen:
    """An outage that is over: its figures, and its curves minute by minute."""

    figures: Figures
    curves: Mapping[str, list[float]]

    @classmethod
    def of(cls, outage: Outage) -> "Seen":
        """Look at an outage that is over."""
        return cls(Figures.of(outage), outage.timeline.curves(outage.seconds))

    @classmethod
    def from_json(cls, read: Mapping[str, Any]) -> "Seen":
        return cls(Figures(**read["figures"]), read["curves"])

    def as_json(self) -> dict[str, Any]:
        return {"figures": asdict(self.figures), "curves": self.curves}


def broken(kind: Kind, figures: Figures) -> list[str]:
    """Return the bounds that an outage of this kind did not keep."""
    return [
        f"{bound.what}: {bound.found(figures)}" for bound in BOUNDS if kind in bound.kinds and not bound.holds(figures)
    ]
