"""Random schedules of everything that may happen; a failure prints the shortest story that shows it."""

import os
from collections.abc import Callable

import pytest
from hypothesis.database import InMemoryExampleDatabase

from tests.proven import PROVEN
from tests.simulation import machine, mutations
from tests.simulation.invariants import BrokenInvariantError
from tools.base.events import NOUN

SCHEDULES = int(os.environ.get("SCHEDULES", "1000"))
SEED = os.environ.get("SCHEDULES_SEED", "0")
PARTS = 4
"""Tests that share the schedules, so that they run side by side; each has its own seed, the same in every run."""


def test_a_failure_is_shrunk_and_kept_and_says_how_to_replay_it(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = InMemoryExampleDatabase()
    monkeypatch.setattr(machine, "EXAMPLES", kept)
    monkeypatch.setenv("SCHEDULES", "2000")
    monkeypatch.delenv("SCHEDULES_SEED", raising=False)
    mutations.an_ended_saga_stays_in_the_index(monkeypatch)

    with pytest.raises(BrokenInvariantError, match="the in-flight index is wrong") as failure:
        machine.run(100, "0-0")

    name = "test_a_failure_is_shrunk_and_kept_and_says_how_to_replay_it"
    assert f"To replay it: make test SCHEDULES=2000 ARGS='tests/simulation/test_schedules.py::{name}'" in (
        failure.value.__notes__
    )
    assert kept.data


@pytest.mark.parametrize("part", range(PARTS))
def test_whatever_happens_nothing_is_lost_and_nothing_happens_twice(
    part: int, record_property: Callable[[str, int], None]
) -> None:
    counted = machine.run(-(-SCHEDULES // PARTS), f"{SEED}-{part}")

    assert counted.schedules >= SCHEDULES // PARTS
    record_property(f"{PROVEN}random schedules", counted.schedules)
    record_property(f"{PROVEN}{NOUN}s in them", counted.sagas)
    record_property(f"{PROVEN}faults that struck in them", counted.faults)
