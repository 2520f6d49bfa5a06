"""The proof with the adapter that ships for Stripe, judged by the books of Stripe at hand."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from tests.proven import PROVEN
from tests.simulation import machine
from tests.simulation.branch import Branch
from tests.simulation.matrix import FAULTS, Mode, Row, steps, strike_step
from tests.simulation.shop import BRANCHES, WORLD
from tests.stripe_at_hand.fixtures import StripeAtHand

MODES = (Mode.FIRST, Mode.DUPLICATE)
SCHEDULES = 60
CALLS = ("POST /v1/", "GET /v1/")
"""How the name of each call at Stripe begins."""


def rows(branch: Branch, mode: Mode) -> Iterator[Row]:
    """Yield the rows in which a call at Stripe is struck."""
    from tests.simulation.shop.stripe import ALSO  # noqa: PLC0415  half a second that few tests need

    for consumed in steps(branch):
        without_fault = Row(branch, mode, consumed)
        for call, name in enumerate(strike_step(without_fault).calls, 1):
            if name.startswith(CALLS):
                for fault in (*FAULTS, *ALSO):
                    yield replace(without_fault, call=call, fault=fault)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("branch", BRANCHES, ids=lambda branch: branch.name)
def test_a_call_at_stripe_that_is_struck_in_any_way_charges_nobody_twice(
    branch: Branch, mode: Mode, stripe_at_hand: StripeAtHand, record_property: Callable[[str, int], None]
) -> None:
    at_stripe = replace(branch, options={**branch.options, "stripe": stripe_at_hand})
    struck = list(rows(at_stripe, mode))
    for row in struck:
        assert strike_step(row).fired, f"{row} did not strike"
    record_property(f"{PROVEN}rows of the crash matrix, calls at Stripe", len(struck))


def test_whatever_happens_at_stripe_nobody_is_charged_twice(
    stripe_at_hand: StripeAtHand, monkeypatch: pytest.MonkeyPatch, record_property: Callable[[str, int], None]
) -> None:
    monkeypatch.setitem(WORLD, "stripe", stripe_at_hand)  # type: ignore[arg-type]
    counted = machine.run(SCHEDULES, "0", shrinking=False)
    record_property(f"{PROVEN}random schedules at Stripe", counted.schedules)
