"""Two runs of ChargePayment at once: one charges the card while the other gives the order up."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.unit.stories import HAPPY, LATE, TIMED_OUT, Move
from tests.unit.world import World


def meanwhile(world: World, monkeypatch: pytest.MonkeyPatch, operation: str, happens: Callable[[], object]) -> None:
    """Make something happen once, after the provider did what it was asked and before the step writes it down."""
    asked = getattr(world.gateway, operation)
    left = [happens]

    def ask(*args: Any, **kwargs: Any) -> Any:
        answer = asked(*args, **kwargs)
        if left:
            left.pop()()
        return answer

    monkeypatch.setattr(world.gateway, operation, ask)


def test_a_charge_that_succeeds_after_its_order_was_timed_out_is_voided_at_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = world.begin(TIMED_OUT, at=1)

    def the_order_times_out() -> None:
        assert world.books.held(order.order_id) == 4999
        world.play(Move(TIMED_OUT, 1), order)

    meanwhile(world, monkeypatch, "charge", the_order_times_out)
    said = world.deliver("InventoryReserved", order.detail("InventoryReserved"))

    assert (world.books.held(order.order_id), world.books.voided(order.order_id)) == (0, True)
    record = world.stack.record(order.order_id)
    assert record is not None
    assert record["status"] == "PAYMENT_ABANDONED"
    assert "paymentId" not in record
    assert [event.content for event in world.published] == [order.detail("PaymentAbandoned")] * 2
    assert said["delivery"] == "lost race"


@pytest.mark.parametrize("further", [3, 4], ids=["refunded", "released"])
def test_a_charge_that_succeeds_after_its_order_was_refunded_is_voided_and_publishes_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch, further: int
) -> None:
    order = world.begin(TIMED_OUT, at=1)
    meanwhile(world, monkeypatch, "charge", lambda: world.stack.put_record(order.record(further)))

    world.deliver("InventoryReserved", order.detail("InventoryReserved"))

    assert (world.books.held(order.order_id), world.books.voided(order.order_id)) == (0, True)
    assert world.stack.record(order.order_id) == order.record(further)
    assert world.published == []


def test_a_time_out_that_loses_against_a_charge_does_not_void_it(world: World) -> None:
    order = world.begin(HAPPY, at=1)
    world.gateway.charge(world.payment(order))
    world.set_age(LATE)

    def the_charge_is_written_down(*_: object, **__: object) -> None:
        world.stack.put_record(order.record(2))

    world.stack.wire.meanwhile("UpdateItem", the_charge_is_written_down)
    world.deliver("InventoryReserved", order.detail("InventoryReserved"))

    assert world.stack.wire.calls[:2] == ["GetItem", "UpdateItem"]
    assert (world.books.held(order.order_id), world.books.voided(order.order_id)) == (4999, False)
    assert world.stack.record(order.order_id) == order.record(2)
    assert [event.content for event in world.published] == [order.detail("PaymentCharged")]


def test_a_charge_that_comes_after_the_void_is_refused_and_leaves_the_order_alone(world: World) -> None:
    order = world.begin(TIMED_OUT, at=3)
    before = world.stands(order)
    world.set_age(timedelta(minutes=1))

    world.deliver("InventoryReserved", order.detail("InventoryReserved"))

    assert world.stands(order) == before
    assert world.published == []


def test_two_charges_at_once_hold_the_money_once_and_void_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = world.begin(HAPPY, at=1)
    meanwhile(world, monkeypatch, "charge", lambda: world.play(Move(HAPPY, 1), order))

    said = world.deliver("InventoryReserved", order.detail("InventoryReserved"))

    assert (world.books.held(order.order_id), world.books.voided(order.order_id)) == (4999, False)
    assert [event.content for event in world.published] == [order.detail("PaymentCharged")] * 2
    assert said["delivery"] == "duplicate"


def test_two_reservations_at_once_take_the_pieces_once(world: World) -> None:
    order = world.begin(HAPPY)
    world.stack.wire.meanwhile("TransactWriteItems", lambda: world.play(Move(HAPPY, 0), order))

    world.deliver("OrderCreated", order.detail("OrderCreated"))

    assert world.stack.shelf(order.sku) == HAPPY.stock - order.quantity
    assert [event.content for event in world.published] == [order.detail("InventoryReserved")] * 2
