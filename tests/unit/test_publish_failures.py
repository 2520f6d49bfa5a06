import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from saga.bus import PublishError
from tests.unit.stories import HAPPY, MOVES, Move
from tests.unit.wire import entries, refused_call
from tests.unit.world import World


@pytest.mark.parametrize("move", MOVES, ids=str)
def test_an_event_that_the_bus_refused_is_an_error_and_is_published_when_it_is_tried_again(
    world: World, move: Move
) -> None:
    order = world.begin(move.story, move.at)
    world.stack.wire.answer("PutEvents", entries("refused"))

    with pytest.raises(PublishError, match=f"{move.published} of {order.order_id}: ThrottlingException: slow down"):
        world.play(move, order)
    assert world.published == []
    before = world.stands(order)

    world.play(move, order)
    assert [event.content for event in world.published] == [order.detail(move.published)]
    assert world.stands(order) == before


def test_a_refused_duplicate_is_an_error_as_well(world: World) -> None:
    order = world.begin(HAPPY, at=1)
    world.stack.wire.answer("PutEvents", entries("refused"))
    with pytest.raises(PublishError):
        world.deliver("OrderCreated", order.detail("OrderCreated"))


@pytest.mark.parametrize(
    ("failure", "error"),
    [
        (refused_call("ThrottlingException"), ClientError),
        (EndpointConnectionError(endpoint_url="the bus"), EndpointConnectionError),
    ],
    ids=["refused call", "no connection"],
)
def test_a_publish_call_that_failed_is_raised(world: World, failure: Exception, error: type[Exception]) -> None:
    order = world.begin(HAPPY)
    world.stack.wire.answer("PutEvents", failure)
    with pytest.raises(error):
        world.deliver("OrderCreated", order.detail("OrderCreated"))


def test_the_write_comes_before_the_publish(world: World) -> None:
    order = world.begin(HAPPY)
    world.stack.wire.answer("TransactWriteItems", refused_call("InternalServerError"))
    with pytest.raises(ClientError):
        world.deliver("OrderCreated", order.detail("OrderCreated"))
    assert world.stack.wire.calls == ["TransactWriteItems"]
    assert world.published == []
