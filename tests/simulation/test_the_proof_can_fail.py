"""Each guard is broken once, and the proof turns red: it does not pass because it looks away."""

from collections.abc import Callable
from itertools import chain

import pytest

from tests.simulation import known_schedules, machine, mutations
from tests.simulation.invariants import BrokenInvariantError
from tests.simulation.matrix import BRANCHES, Mode, recovery_rows, step_rows, strike_recovery, strike_step

Mutation = Callable[[pytest.MonkeyPatch], None]
Proof = Callable[[], None]


def the_schedules() -> None:
    machine.run(300, "0-0", shrinking=False)


def the_crash_matrix() -> None:
    for row in chain.from_iterable(step_rows(branch, Mode.FIRST) for branch in BRANCHES):
        strike_step(row)


def the_crash_matrix_of_repeated_requests() -> None:
    for row in step_rows(BRANCHES[0], Mode.STALE):
        strike_step(row)


def the_crash_matrix_of_recovery() -> None:
    for row in recovery_rows(Mode.FIRST):
        strike_recovery(row)


ALONE = [
    (mutations.the_orders_condition_is_dropped, the_crash_matrix),
    (mutations.the_orders_condition_is_dropped, the_schedules),
    (mutations.an_overdue_event_is_acted_on_without_a_read,
     known_schedules.an_order_is_shipped_and_its_charge_replayed_to_a_carrier_that_forgot_it),
    (mutations.failed_entries_are_ignored, known_schedules.the_bus_refuses_an_event_of_a_step),
    (mutations.failed_entries_are_ignored, the_schedules),
    (mutations.an_event_is_published_before_its_write, the_crash_matrix),
    (mutations.an_event_is_published_before_its_write, the_schedules),
    (mutations.a_clients_key_gives_a_random_order_id, the_crash_matrix_of_repeated_requests),
    (mutations.a_clients_key_gives_a_random_order_id, the_schedules),
    (mutations.a_charge_is_voided_whichever_outcome_was_first, the_crash_matrix),
    (mutations.a_charge_is_voided_whichever_outcome_was_first, the_schedules),
    (mutations.a_lost_race_voids_nothing,
     known_schedules.a_charge_arrives_after_its_order_timed_out_and_before_its_refund),
    (mutations.a_lost_race_voids_nothing,
     known_schedules.a_charge_arrives_after_its_void_at_a_gateway_that_forgets_voids),
    (mutations.a_refund_voids_nothing, the_crash_matrix),
    (mutations.a_refund_voids_nothing, the_schedules),
    (mutations.a_charge_knows_no_deadline, the_crash_matrix),
    (mutations.a_conflict_is_taken_for_an_empty_shelf, known_schedules.the_shelf_is_busy_for_a_moment),
    (mutations.stock_moves_outside_the_transaction, the_crash_matrix),
    (mutations.stock_moves_outside_the_transaction, the_schedules),
    (mutations.recovery_skips_an_order, the_crash_matrix_of_recovery),
    (mutations.recovery_skips_an_order, the_schedules),
    (mutations.a_new_order_replaces_one_of_the_same_id, the_crash_matrix_of_repeated_requests),
    (mutations.a_new_order_replaces_one_of_the_same_id, the_schedules),
    (mutations.an_order_is_answered_though_it_was_not_stored, the_crash_matrix),
    (mutations.a_finished_order_stays_in_the_index, the_crash_matrix),
    (mutations.a_finished_order_stays_in_the_index, the_schedules),
]  # fmt: skip
"""A guard that nothing else stands in for, and a proof that misses it."""

TOGETHER = [
    (mutations.the_shelfs_reason_is_looked_at_before_the_orders,
     mutations.a_refused_reservation_is_written_whatever_the_order_says,
     known_schedules.the_last_piece_is_ordered_once_and_its_event_repeated),
    (mutations.a_reservation_gets_a_random_id,
     mutations.a_duplicate_publishes_what_it_tried_and_not_what_is_stored,
     known_schedules.the_last_piece_is_ordered_once_and_its_event_repeated),
    (mutations.a_duplicate_does_not_publish_again,
     mutations.recovery_publishes_nothing,
     known_schedules.a_step_dies_between_its_write_and_its_publish),
    (mutations.an_overdue_event_is_acted_on_without_a_read,
     mutations.a_charge_knows_no_deadline,
     known_schedules.an_order_is_done_and_its_reservation_replayed_days_later),
    (mutations.a_lost_race_voids_nothing,
     mutations.a_refund_voids_nothing,
     known_schedules.a_charge_arrives_after_its_order_timed_out_and_was_refunded),
]  # fmt: skip
"""Two guards against one thing, and the story in which one of them is enough."""


TOLD = sorted(
    {proof for *_, proof in chain(ALONE, TOGETHER) if proof.__module__ == known_schedules.__name__},
    key=lambda told: told.__name__,
)


def _name(function: Callable[..., None]) -> str:
    return function.__name__


@pytest.mark.parametrize(("guard", "proof"), ALONE, ids=_name)
def test_a_broken_guard_turns_the_proof_red(guard: Mutation, proof: Proof, monkeypatch: pytest.MonkeyPatch) -> None:
    guard(monkeypatch)

    with pytest.raises(BrokenInvariantError):
        proof()


@pytest.mark.parametrize(("one", "other", "story"), TOGETHER, ids=_name)
def test_two_guards_stand_in_for_one_another(
    one: Mutation, other: Mutation, story: Proof, monkeypatch: pytest.MonkeyPatch
) -> None:
    for single in (one, other):
        with monkeypatch.context() as patch:
            single(patch)
            story()
    one(monkeypatch)
    other(monkeypatch)

    with pytest.raises(BrokenInvariantError):
        story()


@pytest.mark.parametrize("story", TOLD, ids=_name)
def test_the_story_ends_well_while_all_guards_stand(story: Proof) -> None:
    story()


def test_a_failure_tells_its_story(monkeypatch: pytest.MonkeyPatch) -> None:
    mutations.a_lost_race_voids_nothing(monkeypatch)

    with pytest.raises(BrokenInvariantError) as broken:
        known_schedules.a_charge_arrives_after_its_order_timed_out_and_before_its_refund()

    (story,) = broken.value.__notes__
    assert "ChargePayment consumes InventoryReserved of order-1, is held up at update_item" in story
