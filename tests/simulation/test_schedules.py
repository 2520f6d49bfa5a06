"""Random schedules of everything that may happen; a failure prints the shortest story that shows it."""

import os
from collections.abc import Callable

import pytest

from tests.proven import PROVEN
from tests.simulation import machine
from tools.base.events import NOUN

SCHEDULES = int(os.environ.get("SCHEDULES", "1000"))
SEED = os.environ.get("SCHEDULES_SEED", "0")
PARTS = 4
"""Tests that share the schedules, so that they run side by side; each has its own seed, the same in every run."""


@pytest.mark.parametrize("part", range(PARTS))
def test_whatever_happens_nothing_is_lost_and_nothing_happens_twice(
    part: int, record_property: Callable[[str, int], None]
) -> None:
    counted = machine.run(-(-SCHEDULES // PARTS), f"{SEED}-{part}")

    assert counted.schedules >= SCHEDULES // PARTS
    record_property(f"{PROVEN}random schedules", counted.schedules)
    record_property(f"{PROVEN}{NOUN}s in them", counted.sagas)
    record_property(f"{PROVEN}faults that struck in them", counted.faults)
