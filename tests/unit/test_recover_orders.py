from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import uuid4
from zlib import crc32

import pytest

from orders import recover_orders
from saga import aws
from saga.clock import iso
from saga.recovery import WORKERS, IncompleteRunError
from saga.settings import settings
from tests.unit.moto_stack import Context, Log, MotoStack
from tests.unit.stories import FINAL, HAPPY, PLACED, STORIES, Story, Told
from tests.unit.wire import entries
from tests.virtual_clock import VirtualClock

STUCK = timedelta(minutes=2)
IN_ANOTHER_MINUTE = "9d3625a7-c592-5ecc-89d7-e558b6cf48df"
"""An order whose own minute, one of 15, is none in which the tests run recovery: by chance it would be due."""
ALL = [(story, at) for story in STORIES for at in range(len(story.path))]


@pytest.fixture(autouse=True)
def _no_other_orders(stack: MotoStack, clock: VirtualClock) -> None:
    stack.remove_records()
    clock.time = PLACED + STUCK


def recover(*remaining: int, **event: Any) -> dict[str, Any]:
    said: dict[str, Any] = recover_orders.handler(event, Context(*remaining))
    return said


def lift_or_set_ceiling(monkeypatch: pytest.MonkeyPatch, per_second: int) -> None:
    monkeypatch.setenv("RECOVERY_PER_SECOND", str(per_second))
    settings.cache_clear()


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
    assert recover() == {"recovered": 0, "postponed": 0, "oldestSeconds": 0, "complete": True}
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


def test_a_hundred_orders_cost_two_reads_and_ten_publishes_beside_the_queries(stack: MotoStack) -> None:
    for _ in range(100):
        standing(stack)
    assert recover()["recovered"] == 100
    assert Counter(stack.wire.calls) == {"Query": 10, "BatchGetItem": 2, "PutEvents": 10}


def test_every_shard_is_looked_at(stack: MotoStack) -> None:
    orders = {standing(stack, order_id=in_shard(shard)).order_id for shard in range(10)}
    assert recover()["recovered"] == 10
    assert {event.content["orderId"] for event in stack.wire.published} == orders


def test_many_orders_of_a_shard_are_published_ten_a_call(stack: MotoStack) -> None:
    shard = [standing(stack, order_id=in_shard(3)).order_id for _ in range(23)]
    assert recover()["recovered"] == 23
    assert sorted(event.content["orderId"] for event in stack.wire.published) == sorted(shard)
    assert stack.wire.calls.count("PutEvents") == 3


def test_more_orders_than_are_read_at_once_are_all_found(stack: MotoStack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("saga.recovery.BATCH", 2)
    orders = {standing(stack, order_id=in_shard(7)).order_id for _ in range(5)}
    assert recover()["recovered"] == 5
    assert {event.content["orderId"] for event in stack.wire.published} == orders
    assert stack.wire.calls.count("BatchGetItem") == 6


def test_an_entry_that_the_bus_refused_is_published_by_the_same_run(stack: MotoStack, pauses: list[float]) -> None:
    orders = sorted(standing(stack, order_id=in_shard(5)).order_id for _ in range(3))
    stack.wire.answer("PutEvents", entries("taken", "refused", "taken"))

    assert recover()["recovered"] == 3
    assert sorted(event.content["orderId"] for event in stack.wire.published) == orders
    assert len(pauses) == 1


def test_a_run_whose_entry_the_bus_refuses_time_and_again_fails_so_that_lambda_repeats_it(
    stack: MotoStack, clock: VirtualClock, log: Log, pauses: list[float]
) -> None:
    orders = sorted(standing(stack, order_id=in_shard(5)).order_id for _ in range(3))
    stack.wire.answer("PutEvents", entries("taken", "refused", "taken"))
    for _ in range(2):
        stack.wire.answer("PutEvents", entries("refused"))
    event = {"time": clock.time.isoformat()}

    with pytest.raises(IncompleteRunError, match=r"^the run of 2026-01-31T09:32:00.125Z published 2, and not all that"):
        recover(**event)
    assert [line["event"] for line in log.lines[:4]] == [
        *["event recovered"] * 2,
        "recovery left to its retry",
        "recovery",
    ]
    assert "ThrottlingException" in log.lines[2]["reason"]
    assert log.lines[3]["complete"] is False
    assert len(pauses) == 2

    # The retry comes later, and covers the same minute.
    clock.advance(minutes=1)
    assert recover(**event)["recovered"] == 3
    assert sorted({event.content["orderId"] for event in stack.wire.published}) == orders


def test_keys_that_dynamodb_leaves_unprocessed_are_read_by_the_same_run(
    stack: MotoStack, pauses: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    orders = sorted(standing(stack, order_id=in_shard(5)).order_id for _ in range(5))
    client, asked = aws.dynamodb(), list[int]()
    batch_get_item = client.batch_get_item

    def half(RequestItems: dict[str, Any]) -> Any:  # noqa: N803  botocore's name
        ((table, wanted),) = RequestItems.items()
        asked.append(len(wanted["Keys"]))
        served, left = wanted["Keys"][:2], wanted["Keys"][2:]
        some: Any = {table: {**wanted, "Keys": served}}
        answer: Any = batch_get_item(RequestItems=some)
        return {**answer, "UnprocessedKeys": {table: {**wanted, "Keys": left}} if left else {}}

    monkeypatch.setattr(client, "batch_get_item", half)
    assert recover()["recovered"] == 5
    assert sorted(event.content["orderId"] for event in stack.wire.published) == orders
    assert asked == [5, 3, 1, 5, 3, 1]
    assert len(pauses) == 4


def test_a_run_that_is_short_of_time_fails_and_its_retry_does_the_rest(stack: MotoStack, clock: VirtualClock) -> None:
    for shard in (4, 6, 8):
        standing(stack, order_id=in_shard(shard))
    event = {"time": clock.time.isoformat()}
    with pytest.raises(IncompleteRunError):
        recover(14_999, **event)
    assert stack.wire.published == []
    assert recover(15_000, **event)["recovered"] == 3


def test_a_retry_covers_the_minute_of_its_event_and_not_of_its_clock(stack: MotoStack, clock: VirtualClock) -> None:
    standing(stack, order_id=IN_ANOTHER_MINUTE)
    clock.advance(minutes=1, seconds=20)
    assert recover(time=clock.time.isoformat())["recovered"] == 0
    assert recover(time=(PLACED + STUCK).isoformat())["recovered"] == 1


def test_above_the_ceiling_orders_are_postponed_and_those_past_their_deadline_come_first(
    stack: MotoStack, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    lift_or_set_ceiling(monkeypatch, 1)
    slept: list[float] = []
    monkeypatch.setattr("saga.recovery.time.sleep", slept.append)
    clock.time = PLACED + settings().deadline + timedelta(seconds=20)
    moved = clock.time - timedelta(minutes=1, seconds=10)
    for _ in range(70):
        order = Told(HAPPY)
        stack.put_record({**order.record(1, [moved, moved]), "createdAt": iso(moved)})
    overdue = {standing(stack).order_id for _ in range(5)}

    said = recover()

    assert (said["recovered"], said["postponed"]) == (60, 15)
    published = [event.content["orderId"] for event in stack.wire.published]
    # Time stands still, so that several are published at once.
    assert overdue <= set(published[: len(overdue) + WORKERS])
    # One a second: time stands still here, so each pause is as long as all before it.
    assert slept == [float(second) for second in range(60)]
    # The others two minutes after they came to their status, if not before.
    clock.advance(minutes=1)
    assert recover()["recovered"] == 60
    assert {event.content["orderId"] for event in stack.wire.published} > set(published)


def test_all_that_are_stuck_are_published_at_once_if_somebody_asks(stack: MotoStack, clock: VirtualClock) -> None:
    order = standing(stack, order_id=IN_ANOTHER_MINUTE)
    clock.time = PLACED + timedelta(minutes=5, seconds=20)
    assert recover()["recovered"] == 0
    assert recover(recover="all")["recovered"] == 1
    assert [event.content["orderId"] for event in stack.wire.published] == [order.order_id]


def test_one_order_is_published_at_once_if_somebody_asks(stack: MotoStack, clock: VirtualClock) -> None:
    order, _other = standing(stack), standing(stack)
    clock.time = PLACED + timedelta(seconds=1)
    assert recover(recover=[order.order_id]) == {"recovered": 1, "postponed": 0, "oldestSeconds": 0, "complete": True}
    assert [event.content["orderId"] for event in stack.wire.published] == [order.order_id]


@pytest.mark.parametrize("order_id", [None, "never placed"], ids=["ended", "unknown"])
def test_an_order_that_is_not_in_flight_is_not_published_whoever_asks(stack: MotoStack, order_id: str | None) -> None:
    ended = standing(stack, HAPPY, 3)
    assert recover(recover=[order_id or ended.order_id])["recovered"] == 0
    assert stack.wire.published == []


def test_a_run_says_how_much_it_published_and_how_old_the_oldest_order_is(
    stack: MotoStack, clock: VirtualClock, log: Log
) -> None:
    order = standing(stack)
    clock.time = PLACED + timedelta(minutes=8, seconds=20)

    said = recover()

    assert said == {"recovered": 1, "postponed": 0, "oldestSeconds": 500, "complete": True}
    again, line = log.lines
    assert (again["event"], again["orderId"], again["correlation_id"]) == (
        "event recovered",
        order.order_id,
        order.order_id,
    )
    assert (again["published"], again["publishedId"]) == ("OrderCreated", stack.wire.published[0].event_id)
    assert said.items() <= line.items()
    assert "correlation_id" not in line
    assert (line["Recovered"], line["OldestInFlight"]) == ([1.0], [500.0])


def test_an_old_order_that_moves_counts_as_the_oldest(stack: MotoStack, clock: VirtualClock) -> None:
    moved = PLACED + timedelta(minutes=10)
    stack.put_record(Told(HAPPY).record(1, [PLACED, moved]))
    clock.time = moved
    assert recover() == {"recovered": 0, "postponed": 0, "oldestSeconds": 600, "complete": True}


def test_with_nothing_in_flight_there_is_nothing_to_do() -> None:
    assert recover() == {"recovered": 0, "postponed": 0, "oldestSeconds": 0, "complete": True}


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        ({"history": "gone"}, "the record's history cannot be read"),
        ({"status": "NO_SUCH_STATUS"}, "NO_SUCH_STATUS makes no event: KeyError"),
        ({"quantity": "many"}, "CREATED makes no event: ValidationError"),
        ({"status": None}, "the record's status cannot be read"),
    ],
)
def test_a_record_that_makes_no_event_is_told_and_does_not_hold_up_the_others(
    stack: MotoStack, log: Log, broken: dict[str, str | None], why: str
) -> None:
    unreadable = Told(HAPPY, in_shard(0))
    record = {**unreadable.record(0), **broken}
    stack.put_record({name: value for name, value in record.items() if value is not None})
    readable = standing(stack, order_id=in_shard(0)), standing(stack, order_id=in_shard(9))
    assert recover()["recovered"] == 2
    told = {published.content["orderId"] for published in stack.wire.published}
    assert told == {order.order_id for order in readable}
    (line,) = [line for line in log.lines if line["event"] == "unreadable record"]
    assert (line["orderId"], line["reason"]) == (unreadable.order_id, why)
    assert line["UnreadableRecords"] == [1.0]
