"""A payment provider that is away for some minutes: the bounds of docs/outages.md, in small."""

from functools import cache

import pytest

from tests.simulation.shop.outage.figures import Figures, broken
from tests.simulation.shop.outage.outage import Misfortune, Outage, Plan
from tests.simulation.shop.outage.providers import Kind
from tests.slow import slow_but_for

pytestmark = pytest.mark.xdist_group("outage in small")
RATE, MINUTES, PEACE = 2, 5, 30.0
IN_SMALL = {"DEADLINE_SECONDS": "150"}
"""So that some orders time out."""
A_GAP = 15 * 60
"""Seconds between two turns of an order that waits for long."""
AFTER = range(6, 9)
"""The minutes of the runs that bring the orders of the outage again."""


@cache
def over(kind: Kind, misfortune: Misfortune | None = None) -> Outage:
    plan = Plan(
        kind,
        RATE,
        MINUTES,
        PEACE,
        misfortunes=dict.fromkeys(AFTER, misfortune) if misfortune else {},
        afterwards=60,
        settings=IN_SMALL,
    )
    outage = Outage(plan)
    outage.run()
    return outage


@pytest.mark.parametrize("kind", slow_but_for(Kind))
def test_an_outage_keeps_its_bounds(kind: Kind) -> None:
    figures = Figures.of(over(kind))
    assert broken(kind, figures) == []
    assert figures.orders > RATE * MINUTES * 60


@pytest.mark.parametrize("kind", slow_but_for([Kind.HANG, Kind.REFUSE]))
def test_orders_that_waited_past_their_deadline_are_given_up_and_the_others_shipped(kind: Kind) -> None:
    outage = over(kind)
    ends = {
        key: (item["status"]["S"], item.get("failureReason", {}).get("S")) for key, item in outage.records().items()
    }
    assert set(ends.values()) == {("SHIPPING_SCHEDULED", None), ("INVENTORY_RELEASED", "timed out")}
    # The deadline is half as long as the outage.
    for key, (status, _) in ends.items():
        age = outage.plan.ended - outage.placed_at[key]
        if age > MINUTES * 60 + 10:
            assert status == "SHIPPING_SCHEDULED"
        elif 200 < age < MINUTES * 60 - 10:
            assert status == "INVENTORY_RELEASED"


@pytest.mark.slow
@pytest.mark.parametrize("misfortune", Misfortune)
def test_a_run_of_recovery_that_goes_wrong_costs_an_order_one_gap_at_most(misfortune: Misfortune) -> None:
    as_usual, outage = over(Kind.REFUSE), over(Kind.REFUSE, misfortune)
    assert outage.final_at.keys() == as_usual.final_at.keys()
    assert max(at - as_usual.final_at[key] for key, at in outage.final_at.items()) <= A_GAP
    figures = Figures.of(outage)
    assert (figures.not_final, figures.wrong_sums, figures.dead_letters) == (0, 0, 0)


@pytest.mark.slow
def test_a_run_that_was_killed_is_repeated_and_covers_the_same_minute() -> None:
    killed, skipped = over(Kind.REFUSE, Misfortune.KILLED), over(Kind.REFUSE, Misfortune.SKIPPED)
    assert sum(killed.final_at.values()) < sum(skipped.final_at.values())
