"""The proof with the adapter that ships for Stripe, judged by the books of Stripe at hand.

It is slower than with the simulation's own gateway, hence the branches and faults in which Stripe matters.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

import pytest

from tests.proven import PROVEN
from tests.simulation import machine
from tests.simulation.branch import Branch
from tests.simulation.faulty_wire import Fault
from tests.simulation.invariants import BrokenInvariantError
from tests.simulation.matrix import Mode, Row, steps, strike_step
from tests.simulation.shop import BRANCHES, WORLD, mutations
from tests.simulation.shop import stripe_mutations as broken
from tests.simulation.shop import stripe_stories as stories
from tests.simulation.shop.stripe import AtStripe
from tests.stripe_at_hand.fixtures import StripeAtHand

Mutation = Callable[[pytest.MonkeyPatch], None]
Proof = Callable[[StripeAtHand], None]

ALL = {branch.name: branch for branch in BRANCHES}
CHOSEN = [
    ("happy", Mode.FIRST),
    ("happy", Mode.DUPLICATE),
    ("declined", Mode.FIRST),
    ("undeliverable", Mode.FIRST),
    ("timed out with its charge in doubt", Mode.FIRST),
    ("pays later", Mode.FIRST),
    ("pays later", Mode.DUPLICATE),
    ("declines later", Mode.FIRST),
    ("pays too late", Mode.FIRST),
    ("paid just before it is asked, late", Mode.FIRST),
    ("chargeback", Mode.FIRST),
    ("refund takes time", Mode.FIRST),
    ("refunded by hand", Mode.FIRST),
]
FAULTS = (Fault.ANSWER_LOST, Fault.REFUSED, Fault.PARTIAL, Fault.CONFLICT)
"""A 500 that is stored under the key, whether it was done (`PARTIAL`) or not (`REFUSED`); 409: the key is in use."""
SCHEDULES = int(os.environ.get("SCHEDULES", "1000"))
ROWS = CHOSEN if SCHEDULES <= 1_000 else [(branch.name, mode) for branch in BRANCHES for mode in Mode]
"""All branches and deliveries for who asks for more schedules than usual."""
QUICK = 6
"""As many of them are quick, and the others slow."""
CALLS_AT_STRIPE = ("POST /v1/", "GET /v1/")
"""How their names begin."""


def rows(name: str, mode: Mode, at_hand: StripeAtHand) -> Iterator[Row]:
    """Yield the rows of a branch in which a call at Stripe is struck."""
    branch: Branch = replace(ALL[name], options={**ALL[name].options, "gateway": partial(AtStripe, at_hand=at_hand)})
    for consumed in steps(branch):
        without_fault = Row(branch, mode, consumed)
        for call, called in enumerate(strike_step(without_fault).calls, 1):
            if called.startswith(CALLS_AT_STRIPE):
                for fault in FAULTS:
                    yield replace(without_fault, call=call, fault=fault)


def in_branch(name: str, mode: Mode = Mode.FIRST) -> Proof:
    """Return the proof by all rows of a branch."""

    def proof(at_hand: StripeAtHand) -> None:
        for row in rows(name, mode, at_hand):
            strike_step(row)

    proof.__name__ = name
    return proof


@pytest.mark.parametrize(
    ("branch", "mode"),
    [pytest.param(*row, marks=pytest.mark.slow if number >= QUICK else []) for number, row in enumerate(ROWS)],
    ids=str,
)
def test_a_call_at_stripe_struck_in_any_way_loses_no_money_and_takes_none_twice(
    branch: str, mode: Mode, stripe_at_hand: StripeAtHand, record_property: Callable[[str, int], None]
) -> None:
    struck = list(rows(branch, mode, stripe_at_hand))
    for row in struck:
        assert strike_step(row).fired, f"{row} did not strike"
    record_property(f"{PROVEN}rows of the crash matrix, calls at Stripe", len(struck))


def test_whatever_happens_at_stripe_no_money_is_lost_and_none_is_taken_twice(
    stripe_at_hand: StripeAtHand, monkeypatch: pytest.MonkeyPatch, record_property: Callable[[str, int], None]
) -> None:
    monkeypatch.setitem(WORLD, "gateway", partial(AtStripe, at_hand=stripe_at_hand))
    counted = machine.run(SCHEDULES // 40, os.environ.get("SCHEDULES_SEED", "0"), shrinking=False)
    record_property(f"{PROVEN}random schedules at Stripe", counted.schedules)


ALONE = [
    (broken.each_call_has_a_key_of_its_own, in_branch("happy", Mode.DUPLICATE)),
    (broken.a_stored_500_is_repeated_under_its_key, in_branch("happy")),
    (broken.another_key_is_taken_whenever_nothing_is_known, stories.two_charges_at_once_of_which_one_dies),
    (broken.the_index_is_not_asked, in_branch("paid just before it is asked, late")),
    (broken.the_index_is_not_asked, stories.a_charge_is_in_doubt_for_a_day_and_so_is_its_void),
    (broken.a_pending_payment_is_not_cancelled, stories.a_customer_pays_after_the_order_was_given_up),
    (broken.a_chargeback_is_refunded_again_and_again, in_branch("chargeback")),
    (broken.a_refund_that_waits_for_the_balance_is_taken_for_one, in_branch("refund takes time")),
]
"""A guard of the adapter that nothing else stands in for, and a proof that misses it."""
TOGETHER = (
    broken.an_unconfirmed_intent_is_not_cancelled,
    mutations.a_lost_race_voids_nothing,
    stories.a_charge_goes_on_after_its_order_was_voided,
)
"""Two guards against one thing, and the story in which one of them is enough."""


@pytest.mark.slow
@pytest.mark.parametrize(("guard", "proof"), ALONE, ids=lambda value: value.__name__)
def test_a_guard_of_the_adapter_that_is_broken_is_missed(
    guard: Mutation, proof: Proof, stripe_at_hand: StripeAtHand, monkeypatch: pytest.MonkeyPatch
) -> None:
    guard(monkeypatch)
    with pytest.raises(BrokenInvariantError):
        proof(stripe_at_hand)


@pytest.mark.slow
def test_the_void_of_an_order_and_that_of_a_lost_race_stand_in_for_one_another(
    stripe_at_hand: StripeAtHand, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other, story = TOGETHER
    for single in (one, other):
        with monkeypatch.context() as patch:
            single(patch)
            story(stripe_at_hand)
    one(monkeypatch)
    other(monkeypatch)
    with pytest.raises(BrokenInvariantError):
        story(stripe_at_hand)


@pytest.mark.parametrize("story", stories.ALL, ids=lambda story: story.__name__)
def test_a_story_ends_well_while_all_guards_stand(story: Proof, stripe_at_hand: StripeAtHand) -> None:
    story(stripe_at_hand)
