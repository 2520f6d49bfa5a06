"""The proofs that every saga has."""

from itertools import chain

from tests.simulation import machine
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


def the_schedules() -> None:
    machine.run(300, "0-0", shrinking=False)


def the_crash_matrix() -> None:
    for row in chain.from_iterable(step_rows(branch, Mode.FIRST) for branch in BRANCHES):
        strike_step(row)


def the_crash_matrix_of_duplicates() -> None:
    for row in chain.from_iterable(step_rows(branch, Mode.DUPLICATE) for branch in BRANCHES):
        strike_step(row)


def the_crash_matrix_of_repeated_requests() -> None:
    for row in step_rows(BRANCHES[0], Mode.STALE):
        strike_step(row)


def the_interventions() -> None:
    for row in chain.from_iterable(intervention_rows(branch) for branch in BRANCHES):
        intervene(row)


def the_crash_matrix_of_recovery() -> None:
    for row in recovery_rows(Mode.FIRST):
        strike_recovery(row)
