"""The last release beside this one: its functions take turns with these, and no key stands for two orders.

The last release knew neither marks nor customers' keys: its steps wrote on the condition of the status alone, and acted
on an event without a read up to the deadline; an order's id followed from the key. While it may run, nobody intervenes.
"""

from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from contract.identity import derived_id
from orders.order_ids import LAST_RELEASE, OrderIds
from saga import step, table
from tests.simulation import machine
from tests.simulation.faulty_wire import Plan
from tests.simulation.machine import MOST_SAGAS, Schedule, plans
from tests.simulation.mutations import as_it_is
from tests.simulation.shop import BODIES
from tests.simulation.simulated_world import SimulatedWorld

Patch = pytest.MonkeyPatch


def as_the_last_release(patch: Patch) -> None:
    """Make the functions those of the last release."""
    move = as_it_is(table, "_move")

    def unmarked(consumed: Any, outcome: Any, **_heeding: Any) -> Any:
        made: dict[str, Any] = {**move(consumed, outcome, unless_stopped=False)}
        made["ConditionExpression"] = made["ConditionExpression"].replace(" AND attribute_not_exists(#held)", "")
        names = made["ExpressionAttributeNames"]
        made["ExpressionAttributeNames"] = {name: names[name] for name in names if name != "#held"}
        return made

    patch.setattr(table, "_move", unmarked)
    patch.setattr(step, "_is_late", step._is_overdue)  # noqa: SLF001  what it asked before it read
    patch.setattr(OrderIds, "of", lambda _customer, key: OrderIds(derived_id("order", key)))


class Mixed(Schedule):
    """A schedule in which either release runs, in turns."""

    def __init__(self) -> None:
        super().__init__()
        self._patch = Patch()
        self._patch.setenv(LAST_RELEASE, "runs")

    @rule(last=st.booleans())
    def the_other_release_runs(self, last: bool) -> None:  # noqa: FBT001  Hypothesis hands it over by name
        self._patch.undo()
        self._patch.setenv(LAST_RELEASE, "runs")
        if last:
            as_the_last_release(self._patch)
        self.world.tell(f"the {'last' if last else 'new'} release runs")

    @precondition(lambda self: len(self.world.records()) < MOST_SAGAS)
    @rule(body=BODIES, key=st.sampled_from([None, "key-1", "key-2"]), plan=plans)
    def a_client_starts_one(self, body: dict[str, Any], key: str | None, plan: Plan) -> None:
        """Let a client start one; until the last release is gone, a key is the whole shop's."""
        self.world.post(body, key and f"{key} of {body['customerId']}", plan)

    def somebody_intervenes(self, **_: Any) -> None:
        """Nobody does: see `tools.operating.interventions`."""

    def something_happens_outside(self, **_: Any) -> None:
        """Nobody cancels either."""

    def teardown(self) -> None:
        try:
            super().teardown()
        finally:
            self._patch.undo()


def test_orders_end_well_whichever_release_takes_which_step() -> None:
    done = machine.run(60, "last release", of=Mixed)
    assert done.schedules >= 60


BODY = {"customerId": "CUST-1", "sku": "sku-a", "quantity": 1, "amount": 100, "currency": "USD"}


@pytest.mark.parametrize("repeated_by", ["runs", "repeated"])
@pytest.mark.parametrize("taken_by", ["the last release", "runs", "repeated"])
def test_a_request_of_either_release_is_repeated_to_the_other(
    monkeypatch: pytest.MonkeyPatch, taken_by: str, repeated_by: str
) -> None:
    with SimulatedWorld(stock={"sku-a": 5}) as world:
        with pytest.MonkeyPatch.context() as patch:
            if taken_by == "the last release":
                as_the_last_release(patch)
            else:
                patch.setenv(LAST_RELEASE, taken_by)
            world.post(BODY, "key")
        monkeypatch.setenv(LAST_RELEASE, repeated_by)
        world.post(BODY, "key")
        assert len(world.records()) == 1
        world.settle()
