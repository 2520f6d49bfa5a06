"""The crash matrix: every call of every step, struck by every fault, at every kind of delivery.

The rows are found by watching a run without faults, so a new call in a step adds its rows by itself.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

from saga.marks import Act
from tests.simulation import invariants
from tests.simulation.branch import Branch
from tests.simulation.faulty_wire import NO_FAULT, Fault, Invocation, Plan
from tests.simulation.shop import BRANCHES
from tests.simulation.simulated_world import A_MINUTE, Delivery, SimulatedWorld

FAULTS = (Fault.DIES_BEFORE, Fault.DIES_AFTER, Fault.REPEATED, Fault.REFUSED, Fault.ANSWER_LOST)
LATER = timedelta(days=2)
"""Past every deadline, and past what a payment provider remembers."""


class Mode(StrEnum):
    """Which delivery of an event is struck."""

    FIRST = "the first delivery"
    DUPLICATE = "a duplicate"
    OVERDUE_DUPLICATE = "a duplicate after the deadline"
    STALE = "a stale event"
    REPLAY = "a replay days later"


@dataclass(frozen=True)
class Row:
    """One row: in this branch, at this delivery to this function, this fault strikes at this call."""

    branch: Branch
    mode: Mode
    consumed: str
    call: int = 0
    fault: Fault | None = None

    @property
    def plan(self) -> Plan:
        return {self.call: self.fault} if self.fault else NO_FAULT


INTERVENTIONS = ((Act.STOP,), (Act.HOLD,), (Act.STOP, Act.HOLD), (Act.HOLD, Act.STOP, Act.RELEASE))


@dataclass(frozen=True)
class Intervention:
    """One row: in this branch somebody intervenes just before this call of the step; at 0, while it is deferred."""

    branch: Branch
    consumed: str
    call: int
    acts: tuple[Act, ...]


def steps(branch: Branch) -> list[str]:
    """Return what is consumed on this branch, in order; POST is what the function that starts a saga consumes."""
    with _world(branch) as world:
        _post(world, branch)
        _go_on(world, branch)
        return ["POST", *(delivery.published.detail_type for delivery in world.deliveries)]


def step_rows(branch: Branch, mode: Mode) -> Iterator[Row]:
    """Return the rows of all steps and of the function that starts a saga."""
    for consumed in steps(branch):
        yield from _rows(Row(branch, mode, consumed), strike_step)


def recovery_rows(mode: Mode) -> Iterator[Row]:
    """Return the rows of recovery, for a saga that waits with each event that may be lost."""
    waiting = {consumed: branch for branch in reversed(BRANCHES) for consumed in steps(branch)[1:]}
    for consumed, branch in waiting.items():
        yield from _rows(Row(branch, mode, consumed), strike_recovery)


def intervention_rows(branch: Branch) -> Iterator[Intervention]:
    """Return the rows of interventions: each, just before each call of each step, and while its provider is away."""
    for consumed in steps(branch)[1:]:
        calls = len(strike_step(Row(branch, Mode.FIRST, consumed)).calls)
        for acts in INTERVENTIONS:
            yield Intervention(branch, consumed, 0, acts)
            yield from (Intervention(branch, consumed, call, acts) for call in range(1, calls + 1))


def intervene(row: Intervention) -> SimulatedWorld:
    """Run one row from beginning to end: somebody intervenes while a step is held up just before a call."""
    with _world(row.branch) as world:
        _post(world, row.branch)
        _go_on(world, row.branch, until=row.consumed)
        delivery, (key,) = world.queue[0], world.records()
        _be_late(world, row.branch, delivery)
        if row.call == 0:
            for provider in world.shop.providers.values():
                provider.down = True
            world.deliver(delivery)
        else:
            world.deliver(delivery, {row.call: Fault.HELD_UP})
        for act in row.acts:
            world.mark(act, key=key)
        # Recovery may come while the step is held up, and find a stopped saga, or one that it has to pass over.
        world.recover()
        if world.held_up:
            world.resume(0)
        _go_on(world, row.branch)
        with world.telling():
            invariants.stops_are_heeded(world)
        world.settle()
        return world


def strike_step(row: Row) -> Invocation:
    """Run one row of a step; gives the invocation that was struck."""
    return run_step(row)[1]


def run_step(row: Row) -> tuple[SimulatedWorld, Invocation]:
    """Run one row of a step from beginning to end; gives the world it leaves behind and what was struck."""
    plan, first = row.plan, row.mode is Mode.FIRST
    with _world(row.branch) as world:
        if row.consumed == "POST":
            struck = _post(world, row.branch, plan if first else NO_FAULT)
            if not first:
                _be_late_again(world, row)
                struck = _post(world, row.branch, plan)
        else:
            _post(world, row.branch)
            _go_on(world, row.branch, until=row.consumed)
            delivery = world.queue[0]
            _be_late(world, row.branch, delivery)
            struck = world.deliver(delivery, plan if first else NO_FAULT)
            if not first:
                _be_late_again(world, row)
                struck = world.deliver(world.repeat(delivery.published, delivery.function), plan)
        world.settle()
        return world, struck


def strike_recovery(row: Row) -> Invocation:
    """Run one row of recovery; gives the invocation that was struck."""
    return run_recovery(row)[1]


def run_recovery(row: Row) -> tuple[SimulatedWorld, Invocation]:
    """Run one row of recovery: the event was lost to the dead-letter queue, and recovery is to bring it back."""
    with _world(row.branch) as world:
        _post(world, row.branch)
        _go_on(world, row.branch, until=row.consumed)
        if row.mode is Mode.STALE:
            _go_on(world, row.branch)
        for delivery in list(world.queue):
            world.lose(delivery)
        world.wait(LATER if row.mode is Mode.OVERDUE_DUPLICATE else 2 * A_MINUTE)
        (key,) = world.records()
        world.wait_until_due(key)
        if row.mode in {Mode.DUPLICATE, Mode.OVERDUE_DUPLICATE}:
            world.recover()
        struck = world.recover(row.plan)
        world.settle()
        return world, struck


def _rows(without_fault: Row, strike: Callable[[Row], Invocation]) -> Iterator[Row]:
    calls = len(strike(without_fault).calls)
    for call in range(1, calls + 1):
        for fault in FAULTS:
            yield replace(without_fault, call=call, fault=fault)


def _world(branch: Branch) -> SimulatedWorld:
    return SimulatedWorld(**branch.options)


def _post(world: SimulatedWorld, branch: Branch, plan: Plan = NO_FAULT) -> Invocation:
    return world.post(branch.body, "key-1", plan)


def _go_on(world: SimulatedWorld, branch: Branch, until: str | None = None) -> None:
    while world.queue and world.queue[0].published.detail_type != until:
        _be_late(world, branch, world.queue[0])
        world.deliver(world.queue[0])


def _be_late(world: SimulatedWorld, branch: Branch, delivery: Delivery) -> None:
    if delivery.published.detail_type == branch.late and not delivery.failures:
        if branch.in_doubt:
            world.deliver(delivery, {1: Fault.DIES_AFTER})
        world.wait(LATER)


def _be_late_again(world: SimulatedWorld, row: Row) -> None:
    if row.mode in {Mode.STALE, Mode.REPLAY}:
        _go_on(world, row.branch)
    if row.mode in {Mode.OVERDUE_DUPLICATE, Mode.REPLAY}:
        world.wait(LATER)
