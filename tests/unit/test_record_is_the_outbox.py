import json

import pytest

from contract import Saga
from saga import table
from tests.unit.moto_stack import MotoStack
from tests.unit.stories import HAPPY, MOVES, STATUS, STORIES, Move, Story, Told
from tests.unit.world import World


@pytest.mark.parametrize("move", MOVES, ids=str)
def test_the_record_rebuilds_the_event_that_was_published_byte_for_byte(world: World, move: Move) -> None:
    order = world.begin(move.story, move.at)
    world.play(move, order)

    event = table.read(order.order_id, Saga).event()

    (published,) = world.published
    assert event.detail_type == published.detail_type
    assert event.detail().encode() == published.detail.encode()


@pytest.mark.parametrize("story", STORIES, ids=str)
def test_the_record_knows_how_its_order_stands(stack: MotoStack, story: Story) -> None:
    for at, event in enumerate(story.path):
        told = Told(story)
        stack.put_record(told.record(at))
        order = table.read(told.order_id, Saga)
        assert order.status == STATUS[event]
        assert order.is_terminal is (at == len(story.path) - 1)
        assert [change.status for change in order.history] == [STATUS[passed] for passed in story.path[: at + 1]]


def test_the_fields_of_a_customer_may_be_any_text(stack: MotoStack) -> None:
    told = Told(HAPPY, sku="日本 \\ \" ' 🎁 é")
    stack.put_record(told.record(0))
    event = table.read(told.order_id, Saga).event()
    assert json.loads(event.detail()) == told.detail("OrderCreated")


@pytest.mark.usefixtures("stack")
def test_an_order_that_does_not_exist_cannot_be_read() -> None:
    with pytest.raises(table.UnknownKeyError, match="nobody"):
        table.read("nobody", Saga)


def test_orders_are_spread_over_ten_shards_evenly() -> None:
    shards = [table.shard_of(f"order-{number}") for number in range(2000)]
    assert set(shards) == set("0123456789")
    assert max(shards.count(shard) for shard in set(shards)) < 300
