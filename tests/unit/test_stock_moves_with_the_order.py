import pytest
from botocore.exceptions import ClientError

from saga.table import ConflictError
from tests.unit.stories import DECLINED, HAPPY, LATE, Move, Told
from tests.unit.wire import cancelled, refused_call
from tests.unit.world import World

RETRYABLE = ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"]


@pytest.mark.parametrize("reason", RETRYABLE)
@pytest.mark.parametrize("busy", ["order", "shelf"])
def test_a_transaction_that_lost_to_another_is_tried_again_with_jitter(
    world: World, pauses: list[float], busy: str, reason: str
) -> None:
    order = world.begin(HAPPY)
    lost = cancelled(reason, "None") if busy == "order" else cancelled("None", reason)
    world.stack.wire.answer("TransactWriteItems", lost, lost, lost)

    world.deliver("OrderCreated", order.detail("OrderCreated"))

    assert [event.detail_type for event in world.published] == ["InventoryReserved"]
    assert world.stack.shelf(order.sku) == HAPPY.stock - order.quantity
    assert len(set(pauses)) == 3


def test_a_write_that_met_a_transaction_on_its_order_is_tried_again(world: World, pauses: list[float]) -> None:
    order = world.begin(HAPPY, at=1)
    world.stack.wire.answer("UpdateItem", refused_call("TransactionConflictException"))
    world.deliver("InventoryReserved", order.detail("InventoryReserved"))
    assert [event.detail_type for event in world.published] == ["PaymentCharged"]
    assert len(pauses) == 1


def test_a_busy_shelf_that_may_be_short_as_well_is_not_out_of_stock(world: World, pauses: list[float]) -> None:
    order = world.begin(HAPPY)
    world.stack.wire.answer("TransactWriteItems", cancelled("TransactionConflict", "ConditionalCheckFailed"))
    world.deliver("OrderCreated", order.detail("OrderCreated"))
    assert [event.detail_type for event in world.published] == ["InventoryReserved"]
    assert len(pauses) == 1


def test_a_conflict_that_does_not_pass_is_raised_after_ten_seconds(world: World, pauses: list[float]) -> None:
    order = world.begin(HAPPY)
    before = world.stands(order)
    world.stack.wire.answer("TransactWriteItems", *[cancelled("None", "TransactionConflict")] * 10_000)

    with pytest.raises(ConflictError):
        world.deliver("OrderCreated", order.detail("OrderCreated"))

    assert 10 <= sum(pauses) <= 11
    assert max(pauses) <= 1
    assert world.stands(order) == before
    assert world.published == []


def test_a_cancellation_for_any_other_reason_is_raised_at_once(world: World, pauses: list[float]) -> None:
    order = world.begin(HAPPY)
    world.stack.wire.answer("TransactWriteItems", cancelled("None", "ItemCollectionSizeLimitExceeded"))
    with pytest.raises(ClientError, match="ItemCollectionSizeLimitExceeded"):
        world.deliver("OrderCreated", order.detail("OrderCreated"))
    assert pauses == []
    assert world.published == []


def test_the_orders_own_condition_is_looked_at_before_the_shelfs(world: World) -> None:
    """The duplicate's shelf is empty because the order itself took the last pieces: that is not "out of stock"."""
    order = world.begin(HAPPY)
    world.stack.stock(order.sku, order.quantity)
    for _ in range(2):
        world.deliver("OrderCreated", order.detail("OrderCreated"))
    assert [event.detail_type for event in world.published] == ["InventoryReserved", "InventoryReserved"]
    assert world.stack.wire.calls == ["TransactWriteItems", "PutEvents"] * 2
    assert world.stack.shelf(order.sku) == 0


def test_an_unknown_order_is_not_out_of_stock_either(world: World) -> None:
    order = Told(HAPPY)
    world.stack.stock(order.sku, 0)
    with pytest.raises(Exception, match=f"there is no record of {order.order_id}"):
        world.deliver("OrderCreated", order.detail("OrderCreated"))


def test_pieces_come_back_once_however_often_the_event_is_delivered(world: World) -> None:
    order = world.begin(DECLINED, at=2)
    for age in (Move(DECLINED, 2).age, LATE, 2 * LATE):
        world.set_age(age)
        world.deliver("PaymentFailed", order.detail("PaymentFailed"))
    assert world.stack.shelf(order.sku) == DECLINED.stock


def test_twenty_pieces_are_enough_for_ten_orders_of_two(world: World) -> None:
    sku = Told(HAPPY).sku
    world.stack.stock(sku, 20)
    for _ in range(12):
        order = Told(HAPPY, sku=sku)
        world.stack.put_record(order.record(0))
        world.deliver("OrderCreated", order.detail("OrderCreated"))
    taken = [event.detail_type for event in world.published]
    assert (taken.count("InventoryReserved"), taken.count("InventoryFailed")) == (10, 2)
    assert world.stack.shelf(sku) == 0
