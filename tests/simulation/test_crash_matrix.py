"""Every call of every step dies, is answered in vain or repeated; recovery and retries bring the order home."""

from collections.abc import Callable

import pytest

from tests.proven import PROVEN
from tests.simulation.branch import Branch
from tests.simulation.matrix import (
    Mode,
    intervene,
    intervention_rows,
    recovery_rows,
    step_rows,
    strike_recovery,
    strike_step,
)
from tests.simulation.shop import BRANCHES
from tests.slow import slow_but_for

Record = Callable[[str, int], None]
LONG = {"never pays", "pays too late", "timed out, then its refund takes time", "asked in vain, then late"}
"""Branches in which an order waits, and is struck, for as long as all others together: these are slow."""
in_every_branch = pytest.mark.parametrize(
    "branch",
    [pytest.param(each, marks=pytest.mark.slow if each.name in LONG else []) for each in BRANCHES],
    ids=lambda branch: branch.name,
)


@in_every_branch
@pytest.mark.parametrize("mode", slow_but_for(Mode))
def test_a_step_struck_at_any_call_loses_nothing_and_repeats_nothing(
    branch: Branch, mode: Mode, record_property: Record
) -> None:
    rows = list(step_rows(branch, mode))
    for row in rows:
        assert strike_step(row).fired, f"{row} did not strike"
    record_property(f"{PROVEN}rows of the crash matrix, steps", len(rows))


@pytest.mark.parametrize("branch", slow_but_for(BRANCHES, quick=6), ids=lambda branch: branch.name)
def test_somebody_intervenes_at_any_call_and_no_stop_is_lost_nor_a_held_saga_moved(
    branch: Branch, record_property: Record
) -> None:
    rows = list(intervention_rows(branch))
    for row in rows:
        intervene(row)
    record_property(f"{PROVEN}rows of the crash matrix, interventions", len(rows))


@pytest.mark.parametrize("mode", slow_but_for([Mode.FIRST, Mode.DUPLICATE, Mode.OVERDUE_DUPLICATE, Mode.STALE]))
def test_recovery_struck_at_any_call_brings_back_a_lost_event(mode: Mode, record_property: Record) -> None:
    rows = list(recovery_rows(mode))
    for row in rows:
        assert strike_recovery(row).fired, f"{row} did not strike"
    record_property(f"{PROVEN}rows of the crash matrix, recovery", len(rows))
