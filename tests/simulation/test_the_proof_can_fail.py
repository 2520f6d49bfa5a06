"""Each guard is broken once, and the proof turns red: it does not pass because it looks away."""

from collections.abc import Callable
from itertools import chain

import pytest

from tests.simulation import mutations, proofs
from tests.simulation.invariants import BrokenInvariantError
from tests.simulation.shop import known_schedules
from tests.simulation.shop import mutations as shop

pytestmark = pytest.mark.slow

Mutation = Callable[[pytest.MonkeyPatch], None]
Proof = Callable[[], None]


ALONE = [
    (mutations.the_records_condition_is_dropped, proofs.the_crash_matrix),
    (mutations.the_records_condition_is_dropped, proofs.the_schedules),
    (mutations.failed_entries_are_ignored, proofs.the_schedules),
    (mutations.an_event_is_published_before_its_write, proofs.the_crash_matrix),
    (mutations.an_event_is_published_before_its_write, proofs.the_schedules),
    (mutations.an_outcome_is_undone_whichever_was_first, proofs.the_crash_matrix),
    (mutations.an_outcome_is_undone_whichever_was_first, proofs.the_schedules),
    (mutations.the_other_writes_go_before_the_transaction, proofs.the_crash_matrix),
    (mutations.the_other_writes_go_before_the_transaction, proofs.the_schedules),
    (mutations.recovery_skips_a_saga, proofs.the_crash_matrix_of_recovery),
    (mutations.recovery_skips_a_saga, proofs.the_schedules),
    (mutations.recovery_skips_a_saga_for_ever, proofs.the_schedules),
    (mutations.a_new_record_replaces_one_of_the_same_key, proofs.the_crash_matrix_of_repeated_requests),
    (mutations.a_new_record_replaces_one_of_the_same_key, proofs.the_schedules),
    (mutations.an_ended_saga_stays_in_the_index, proofs.the_crash_matrix),
    (mutations.an_ended_saga_stays_in_the_index, proofs.the_schedules),
    (mutations.a_write_heeds_no_stop, proofs.the_interventions),
    (mutations.a_write_heeds_no_stop, proofs.the_schedules),
    (mutations.a_write_heeds_no_hold, proofs.the_interventions),
    (mutations.a_record_that_is_read_shows_no_mark, proofs.the_interventions),
    (mutations.a_saga_may_be_stopped_wherever_it_stands, proofs.the_interventions),
    (mutations.a_saga_may_be_stopped_wherever_it_stands, proofs.the_schedules),
    (mutations.a_stopped_saga_is_given_up_for_another_reason, proofs.the_interventions),
    (mutations.a_stop_replaces_the_one_before, proofs.the_schedules),
    (mutations.recovery_brings_a_stopped_saga_in_its_turn, proofs.the_interventions),
    (mutations.a_step_defers_without_reading_the_record, proofs.the_interventions),
    (mutations.recovery_knows_no_hold, proofs.the_interventions),
    *shop.ALONE,
]  # fmt: skip
"""A guard that nothing else stands in for, and a proof that misses it."""


TOLD = sorted(
    {proof for *_, proof in chain(ALONE, shop.TOGETHER) if proof.__module__ == known_schedules.__name__},
    key=lambda told: told.__name__,
)


def _name(function: Callable[..., None]) -> str:
    return function.__name__


@pytest.mark.parametrize(("guard", "proof"), ALONE, ids=_name)
def test_a_broken_guard_turns_the_proof_red(guard: Mutation, proof: Proof, monkeypatch: pytest.MonkeyPatch) -> None:
    guard(monkeypatch)

    with pytest.raises(BrokenInvariantError):
        proof()


@pytest.mark.parametrize(("one", "other", "story"), shop.TOGETHER, ids=_name)
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
