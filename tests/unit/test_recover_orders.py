import json
from datetime import timedelta
from typing import Any
from uuid import uuid4
from zlib import crc32

import pytest

from orders import recover_orders
from tests.unit.moto_stack import Context, Log, MotoStack
from tests.unit.stories import FINAL, HAPPY, PLACED, STORIES, Story, Told
from tests.unit.wire import entries
from tests.virtual_clock import VirtualClock

STUCK = timedelta(minutes=2)
ALL = [(story, at) for story in STORIES for at in range(len(story.path))]


@pytest.fixture(autouse=True)
def _no_other_orders(stack: MotoStack, clock: VirtualClock) -> None:
    stack.remove_records()
    clock.time = PLACED + STUCK


def recover(*remaining: int) -> dict[str, Any]:
    said: dict[str, Any] = recover_orders.handler({}, Context(*remaining))
    return said


def standing(stack: MotoStack, story: Story = HAPPY, at: int = 0, order_id: str | None = None) -> Told:
    order = Told(story, order_id or str(uuid4()))
    stack.put_record(order.record(at))
    return order


def in_shard(shard: int) -> str:
    return next(name for name in (str(uuid4()) for _ in range(10_000)) if crc32(name.encode()) % 10 == shard)


UNFINISHED = [(story, at) for story, at in ALL if story.path[at] not in FINAL]
FINISHED = [(story, at) for story, at in ALL if story.path[at] in FINAL]


@pytest.mark.parametrize(("story", "at"), UNFINISHED, ids=[f"{s}: {s.path[at]}" for s, at in UNFINISHED])
def test_the_current_event_of_an_order_that_stands_still_is_published_again(
    stack: MotoStack, story: Story, at: int
) -> None:
    order = standing(stack, story, at)
    before = stack.record(order.order_id)

    said = recover()

    (published,) = stack.wire.published
    assert (published.detail_type, published.content) == (story.path[at], order.detail(story.path[at]))
    assert stack.record(order.order_id) == before
    assert said["recovered"] == 1


@pytest.mark.parametrize(("story", "at"), FINISHED, ids=[f"{s}: {s.path[at]}" for s, at in FINISHED])
def test_a_finished_order_is_left_alone(stack: MotoStack, story: Story, at: int) -> None:
    standing(stack, story, at)
    assert recover()["recovered"] == 0
    assert stack.wire.published == []


def test_an_order_that_is_finished_but_still_in_the_index_is_left_alone(stack: MotoStack) -> None:
    """The index follows the table with a delay."""
    order = Told(HAPPY)
    stack.put_record({**order.record(3), "inFlight": "0"})
    assert recover() == {"recovered": 0, "oldestSeconds": 0, "complete": True}
    assert stack.wire.published == []


@pytest.mark.parametrize(("age", "published"), [(59.999, 0), (60.001, 1)], ids=["fresh", "just stuck"])
def test_a_new_order_is_given_a_minute(stack: MotoStack, clock: VirtualClock, age: float, published: int) -> None:
    standing(stack)
    clock.time = PLACED + timedelta(seconds=age)
    assert recover()["recovered"] == published
    assert len(stack.wire.published) == published


@pytest.mark.parametrize(("since", "published"), [(59, 0), (60, 1)], ids=["moved just now", "stands still"])
def test_an_old_order_that_moves_is_left_alone(
    stack: MotoStack, clock: VirtualClock, since: float, published: int
) -> None:
    order = Told(HAPPY)
    moved = PLACED + timedelta(minutes=10)
    stack.put_record(order.record(1, [PLACED, moved]))
    clock.time = moved + timedelta(seconds=since)
    assert recover()["recovered"] == published


def test_nothing_is_written(stack: MotoStack) -> None:
    standing(stack)
    recover()
    assert set(stack.wire.calls) == {"Query", "BatchGetItem", "PutEvents"}


def test_every_shard_is_looked_at(stack: MotoStack) -> None:
    orders = {standing(stack, order_id=in_shard(shard)).order_id for shard in range(10)}
    assert recover()["recovered"] == 10
    assert {event.content["orderId"] for event in stack.wire.published} == orders


def test_many_orders_of_a_shard_are_published_ten_a_call(stack: MotoStack) -> None:
    shard = [standing(stack, order_id=in_shard(3)).order_id for _ in range(23)]
    assert recover()["recovered"] == 23
    assert sorted(event.content["orderId"] for event in stack.wire.published) == sorted(shard)
    assert stack.wire.calls.count("PutEvents") == 3


def test_a_shard_of_several_pages_is_read_to_its_end(stack: MotoStack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("saga.in_flight.PAGE", 2)
    orders = {standing(stack, order_id=in_shard(7)).order_id for _ in range(5)}
    assert recover()["recovered"] == 5
    assert {event.content["orderId"] for event in stack.wire.published} == orders


def test_an_entry_that_the_bus_refused_is_left_to_the_next_run_and_the_others_are_published(
    stack: MotoStack, clock: VirtualClock, log: Log
) -> None:
    orders = sorted(standing(stack, order_id=in_shard(5)).order_id for _ in range(3))
    stack.wire.answer("PutEvents", entries("taken", "refused", "taken"))

    recover()
    assert [line["event"] for line in log.lines] == [
        "publish left to the next run",
        *["event recovered"] * 2,
        "recovery",
    ]
    assert "ThrottlingException" in log.lines[0]["reason"]
    assert len(stack.wire.published) == 2

    clock.advance(minutes=1)
    recover()
    assert sorted({event.content["orderId"] for event in stack.wire.published}) == orders


def test_a_run_that_is_short_of_time_leaves_the_rest_to_the_next(stack: MotoStack, clock: VirtualClock) -> None:
    for shard in (4, 6, 8):
        standing(stack, order_id=in_shard(shard))
    clock.time = PLACED + timedelta(hours=1)

    assert recover(30_000, 14_999)["complete"] is False
    assert len(stack.wire.published) == 2
    stack.wire.published.clear()
    assert recover(30_000, 15_000, 30_000)["complete"] is True
    assert len(stack.wire.published) == 3


@pytest.mark.parametrize(("minute", "first"), [(30, 0), (34, 4), (35, 5), (49, 9)])
def test_every_minute_begins_with_another_shard(stack: MotoStack, clock: VirtualClock, minute: int, first: int) -> None:
    orders = {shard: standing(stack, order_id=in_shard(shard)).order_id for shard in range(10)}
    clock.time = (PLACED + timedelta(hours=1)).replace(minute=minute)

    recover(0)

    assert [event.content["orderId"] for event in stack.wire.published] == [orders[first]]


def test_a_run_says_how_much_it_published_and_how_old_the_oldest_order_is(
    stack: MotoStack, clock: VirtualClock, log: Log, capsys: pytest.CaptureFixture[str]
) -> None:
    order = standing(stack)
    clock.time = PLACED + timedelta(minutes=7, seconds=30)
    capsys.readouterr()

    said = recover()

    assert said == {"recovered": 1, "oldestSeconds": 450, "complete": True}
    again, line = log.lines
    assert (again["event"], again["orderId"], again["correlation_id"]) == (
        "event recovered",
        order.order_id,
        order.order_id,
    )
    assert (again["published"], again["publishedId"]) == ("OrderCreated", stack.wire.published[0].event_id)
    assert said.items() <= line.items()
    assert "correlation_id" not in line
    metrics = json.loads(capsys.readouterr().out)
    assert (metrics["Recovered"], metrics["OldestInFlight"]) == ([1.0], [450.0])


def test_an_old_order_that_moves_counts_as_the_oldest(stack: MotoStack, clock: VirtualClock) -> None:
    moved = PLACED + timedelta(minutes=10)
    stack.put_record(Told(HAPPY).record(1, [PLACED, moved]))
    clock.time = moved
    assert recover() == {"recovered": 0, "oldestSeconds": 600, "complete": True}


def test_with_nothing_in_flight_there_is_nothing_to_do() -> None:
    assert recover() == {"recovered": 0, "oldestSeconds": 0, "complete": True}


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        ({"history": "gone"}, "the record's history cannot be read"),
        ({"status": "NO_SUCH_STATUS"}, "NO_SUCH_STATUS makes no event: KeyError"),
        ({"quantity": "many"}, "CREATED makes no event: ValidationError"),
    ],
)
def test_a_record_that_makes_no_event_is_told_and_does_not_hold_up_the_others(
    stack: MotoStack, log: Log, capsys: pytest.CaptureFixture[str], broken: dict[str, str], why: str
) -> None:
    unreadable = Told(HAPPY, in_shard(0))
    stack.put_record({**unreadable.record(0), **broken})
    readable = standing(stack, order_id=in_shard(0)), standing(stack, order_id=in_shard(9))
    assert recover()["recovered"] == 2
    told = {published.content["orderId"] for published in stack.wire.published}
    assert told == {order.order_id for order in readable}
    (line,) = [line for line in log.lines if line["event"] == "unreadable record"]
    assert (line["orderId"], line["reason"]) == (unreadable.order_id, why)
    assert json.loads(capsys.readouterr().out)["UnreadableRecords"] == [1.0]
