"""A release with another chain, while the last one still runs: either one's code takes events, by either one's rules.

The last release is this very one unless `--last-release` names another; the test of docs/extending.md names the one
before its fraud check.
"""

import json
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from orders import create_order
from saga.circuit_breaker import with_circuit_breaker
from saga.step import ContradictoryEventError, PoisonEventError
from tests.simulation import invariants, machine
from tests.simulation.bus import Published
from tests.simulation.faulty_wire import Invocation, Plan
from tests.simulation.invariants import require, statuses_of
from tests.simulation.machine import Schedule, any_of_them, plans
from tests.simulation.release import Release
from tests.simulation.simulated_world import SimulatedWorld
from tools.base.root import ROOT
from tools.base.transitions import EVENTS, TRANSITIONS

PORTS = frozenset({"payments.gateway", "payments.provider", "shipping.carrier", "shipping.provider"})
NOT_UNDERSTOOD = (PoisonEventError, ContradictoryEventError)
"""What one release says of an event or a status that only the other one knows: it ends in the dead-letter queue."""


class Mixed(Schedule):
    """A schedule in which the functions are now of this release, now of the last, and so are the rules."""

    last: ClassVar[Release]
    by_the_last: ClassVar[list[str]]
    """The functions that events came to by the last release's rules."""

    def __init__(self) -> None:
        super().__init__()
        self._patch = pytest.MonkeyPatch()
        patch, last = self._patch, self.last
        for module in last.modules.values():
            for port in {"gateway", "carrier"} & set(vars(module)):
                patch.setattr(module, port, with_circuit_breaker(self.world.shop.ports[port]))
        patch.setattr(last.modules[create_order.__name__], "uuid4", vars(create_order)["uuid4"])
        patch.setattr(invariants, "is_path", lambda statuses: is_path_of_either(last, statuses))
        patch.setattr(invariants, "published_after_its_write", tells_what_is_stored)
        fails = invariants.failed_for_a_reason
        patch.setattr(
            invariants,
            "failed_for_a_reason",
            lambda done, *deadly: None if is_not_understood(done) else fails(done, *deadly),
        )

    @rule(last=st.booleans())
    def the_other_release_runs(self, last: bool) -> None:  # noqa: FBT001  Hypothesis hands it over by name
        self.world.load = self.last.load if last else import_module
        self.world.tell(f"the {'last' if last else 'new'} release runs")

    @precondition(lambda self: self.world.bus.published)
    @rule(which=any_of_them, plan=plans)
    def an_event_goes_by_the_last_releases_rules(self, which: int, plan: Plan) -> None:
        published = self.world.bus.published[which % len(self.world.bus.published)]
        for function in self.last.functions.values():
            if function.consumes(published.envelope):
                self.by_the_last.append(function.name)
                self.world.deliver(self.world.repeat(published, function), plan)

    def somebody_intervenes(self, **_: Any) -> None:
        """Nobody does, until the last release is gone."""

    def teardown(self) -> None:
        self.world.load = import_module
        try:
            super().teardown()
        finally:
            self._patch.undo()


def is_path_of_either(last: Release, statuses: list[str]) -> bool:
    moves = zip([None, *statuses], statuses, strict=False)
    return all(move in TRANSITIONS | last.transitions for move in moves)


def is_not_understood(invocation: Invocation) -> bool:
    return isinstance(invocation.failure, NOT_UNDERSTOOD)


def tells_what_is_stored(world: SimulatedWorld, published: Published) -> None:
    """An event tells of what is stored; the last release's has none of the fields that it does not know."""
    record, status = world.records()[published.key], EVENTS[published.detail_type].status
    require(status in statuses_of(record), f"{published.detail_type} came before its write")
    rebuilt = json.loads(record.model_copy(update={"status": status}).event().detail())
    told = json.loads(published.detail)
    require(told.items() <= rebuilt.items(), f"published {told}, but the record gives {rebuilt}")


@pytest.mark.slow
def test_orders_end_well_while_the_chain_changes(pytestconfig: pytest.Config) -> None:
    Mixed.last = Release(Path(pytestconfig.getoption("--last-release") or ROOT), PORTS)
    Mixed.by_the_last = []
    done = machine.run(60, "changed chain", of=Mixed)
    assert done.schedules >= 60
    assert len(Mixed.by_the_last) > 60
