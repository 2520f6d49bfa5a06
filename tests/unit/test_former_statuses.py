"""An order that the last release left at a status of another name goes on, and shows the name of today."""

from datetime import timedelta
from typing import Any

import pytest

from contract import Saga
from orders import recover_orders
from saga import table
from tests.unit.moto_stack import Context
from tests.unit.stories import TIMED_OUT, Told
from tests.unit.world import World

TIMED_OUT_FOR = timedelta(hours=1)
FORMER = {"PAYMENT_ABANDONED": "PAYMENT_TIMED_OUT"}


def of_last_release(record: dict[str, Any]) -> dict[str, Any]:
    """Return a record as the last release wrote it."""
    history = [{**entry, "status": FORMER.get(entry["status"], entry["status"])} for entry in record["history"]]
    return {**record, "status": FORMER.get(record["status"], record["status"]), "history": history}


@pytest.fixture
def left_behind(world: World) -> Told:
    """An order whose payment the last release gave up."""
    order = world.begin(TIMED_OUT, at=2)
    world.stack.put_record(of_last_release(order.record(2)))
    return order


def test_the_steps_take_it_to_its_end(world: World, left_behind: Told) -> None:
    world.deliver("PaymentAbandoned", left_behind.detail("PaymentAbandoned"))
    world.deliver("PaymentRefunded", left_behind.detail("PaymentRefunded"))
    record = table.read(left_behind.order_id, Saga)
    assert record.status == "INVENTORY_RELEASED"
    assert [change.status for change in record.history] == [
        *("CREATED", "INVENTORY_RESERVED", "PAYMENT_ABANDONED", "PAYMENT_REFUNDED", "INVENTORY_RELEASED")
    ]


def test_recovery_publishes_its_event_under_the_name_of_today(world: World, left_behind: Told) -> None:
    world.set_age(TIMED_OUT_FOR)
    recover_orders.handler({"recover": "all"}, Context())
    events = [event for event in world.published if event.content["orderId"] == left_behind.order_id]
    assert [(event.detail_type, event.content) for event in events] == [
        ("PaymentAbandoned", left_behind.detail("PaymentAbandoned"))
    ]


def test_a_late_duplicate_of_what_came_before_is_stale(world: World, left_behind: Told) -> None:
    world.deliver("PaymentAbandoned", left_behind.detail("PaymentAbandoned"))
    said = world.deliver("InventoryReserved", left_behind.detail("InventoryReserved"))
    assert said["delivery"] == "stale"
    assert world.books.held(left_behind.order_id) == 0
