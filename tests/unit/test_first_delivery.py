import pytest

from tests.unit.moto_stack import BUS
from tests.unit.stories import MOVES, UNDELIVERABLE, Move
from tests.unit.world import World


@pytest.mark.parametrize("move", MOVES, ids=str)
def test_a_step_moves_the_order_and_publishes_its_event(world: World, move: Move) -> None:
    order = world.begin(move.story, move.at)

    said = world.play(move, order)

    times = [*order.times(move.at), world.clock.time]
    assert world.stack.record(order.order_id) == order.record(move.at + 1, times)
    assert world.stack.shelf(order.sku) == move.story.stock - order.held(move.at + 1)
    (published,) = world.published
    assert (published.bus, published.source, published.detail_type) == (BUS, "order-saga", move.published)
    assert published.content == order.detail(move.published)
    assert (said["delivery"], said["published"]) == ("first", move.published)


def test_a_charge_holds_the_money_of_the_order(world: World) -> None:
    order = world.begin(UNDELIVERABLE, at=1)
    world.play(Move(UNDELIVERABLE, 1), order)
    assert world.books.held(order.order_id) == 4999


def test_a_refund_gives_the_money_back_and_voids_the_key(world: World) -> None:
    order = world.begin(UNDELIVERABLE, at=3)
    assert world.books.held(order.order_id) == 4999
    world.play(Move(UNDELIVERABLE, 3), order)
    assert (world.books.held(order.order_id), world.books.voided(order.order_id)) == (0, True)


@pytest.mark.parametrize("move", [move for move in MOVES if move.at < move.story.late_from], ids=str)
def test_a_step_in_time_makes_one_write_and_one_publish_and_reads_nothing(world: World, move: Move) -> None:
    order = world.begin(move.story, move.at)
    world.stack.wire.calls.clear()

    world.play(move, order)

    moves_stock = {"InventoryReserved", "InventoryReleased"}
    write = "TransactWriteItems" if move.published in moves_stock else "UpdateItem"
    refused = ["TransactWriteItems"] if move.published == "InventoryFailed" else []
    assert world.stack.wire.calls == [*refused, write, "PutEvents"]


def test_a_field_that_nobody_knows_yet_is_ignored(world: World) -> None:
    order = world.begin(UNDELIVERABLE)
    world.deliver("OrderCreated", {**order.detail("OrderCreated"), "giftWrap": {"colour": "red"}})
    assert world.published[0].content == order.detail("InventoryReserved")
