from datetime import timedelta

import pytest

from shipping.simulated_carrier import SimulatedCarrier
from tests.unit.stories import FINAL, HAPPY, LATE, MOVES, STORIES, TOO_LATE, UNDELIVERABLE, Move, Story
from tests.unit.world import World

LATER = timedelta(seconds=3)


@pytest.mark.parametrize("move", MOVES, ids=str)
def test_a_duplicate_publishes_the_same_event_again_and_changes_nothing(world: World, move: Move) -> None:
    order = world.begin(move.story, move.at)
    world.play(move, order)
    before = world.stands(order)

    world.set_age(move.age + LATER)
    said = world.deliver(move.consumed, order.detail(move.consumed))

    first, second = world.published
    assert second == first
    assert second.detail.encode() == first.detail.encode()
    assert world.stands(order) == before
    assert (said["delivery"], said["published"]) == ("duplicate", move.published)


@pytest.mark.parametrize("move", MOVES, ids=str)
def test_an_overdue_duplicate_reads_the_record_and_calls_no_provider(
    world: World, move: Move, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = world.begin(move.story, move.at)
    world.play(move, order)
    before = world.stands(order)
    world.stack.wire.calls.clear()

    def called(*_: object, **__: object) -> None:
        pytest.fail("a provider was called for an overdue duplicate")

    for operation in ("charge", "status", "void"):
        monkeypatch.setattr(world.gateway, operation, called)
    monkeypatch.setattr(SimulatedCarrier, "book", called)
    world.set_age(TOO_LATE + LATER)
    said = world.deliver(move.consumed, order.detail(move.consumed))

    assert world.stack.wire.calls == ["GetItem", "PutEvents"]
    assert world.published[1] == world.published[0]
    assert world.stands(order) == before
    assert said["delivery"] == "duplicate"


def test_an_overdue_duplicate_that_lost_its_publish_is_published_at_last(world: World) -> None:
    order = world.begin(HAPPY, at=1)
    world.set_age(LATE)

    said = world.deliver("OrderCreated", order.detail("OrderCreated"))

    assert [event.content for event in world.published] == [order.detail("InventoryReserved")]
    assert said["delivery"] == "duplicate"


def test_a_repeated_charge_holds_the_money_once(world: World) -> None:
    order = world.begin(UNDELIVERABLE, at=1)
    for _ in range(3):
        world.play(Move(UNDELIVERABLE, 1), order)
    assert world.books.held(order.order_id) == 4999


FURTHER = [
    (Move(story, at), further)
    for story in STORIES
    for at in range(len(story.path) - 1)
    for further in range(at + 2, len(story.path))
]


@pytest.mark.parametrize("age", [timedelta(minutes=1), LATE], ids=["in time", "overdue"])
@pytest.mark.parametrize(("move", "further"), FURTHER, ids=[f"{move}, at {at}" for move, at in FURTHER])
def test_a_stale_event_publishes_nothing_and_changes_nothing(
    world: World, move: Move, further: int, age: timedelta
) -> None:
    order = world.begin(move.story, further)
    before = world.stands(order)

    world.set_age(age)
    said = world.deliver(move.consumed, order.detail(move.consumed))

    assert world.published == []
    assert world.stands(order) == before
    assert said["published"] is None


@pytest.mark.parametrize("story", STORIES, ids=str)
def test_a_finished_order_stays_as_it_is_whatever_is_replayed(world: World, story: Story) -> None:
    end = len(story.path) - 1
    order = world.begin(story, end)
    before = world.stands(order)
    world.set_age(timedelta(days=400))

    for event in reversed(story.path[:-1]):
        world.deliver(event, order.detail(event))

    assert story.path[-1] in FINAL
    assert {event.detail_type for event in world.published} <= {story.path[-1]}
    assert world.stands(order) == before
