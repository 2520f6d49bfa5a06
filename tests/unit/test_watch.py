"""The live tail of the bus: what it asks EventBridge for, what it leaves behind, and what it shows."""

import json
import signal
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError
from moto import mock_aws

from tests.unit.placed import envelope
from tests.virtual_clock import VirtualClock
from tools.base.problem import ProblemError
from tools.base.stack import Stack
from tools.base.target import Target
from tools.operating.watch.pattern import pattern_of
from tools.operating.watch.tail import ENDINGS, interrupted_once, tail
from tools.operating.watch.tap import Bus, Envelope, Tap, sweep, tapped

BUS = "order-saga-unit-orders"


@pytest.fixture
def stack() -> Iterator[Stack]:
    """A stack that is nothing but a bus."""
    with mock_aws():
        target = Target(stage="unit", endpoint=None, region="us-east-1", stack_name="order-saga-unit")
        yield Stack(target, {"EventBusName": BUS})


@pytest.fixture
def bus(stack: Stack) -> Bus:
    bus = Bus.of(stack)
    bus.events.create_event_bus(Name=BUS)
    return bus


def left_behind(bus: Bus) -> set[str]:
    """Name the rules and queues that there are."""
    rules = bus.events.list_rules(EventBusName=BUS)["Rules"]
    queues = bus.sqs.list_queues().get("QueueUrls", [])
    return {f"rule {rule['Name']}" for rule in rules} | {f"queue {url.rpartition('/')[2]}" for url in queues}


def url_of(tap: Tap, bus: Bus) -> str:
    return bus.sqs.get_queue_url(QueueName=tap.name)["QueueUrl"]


def deliver(tap: Tap, bus: Bus) -> None:
    """Put an event into the queue, as the rule does on AWS; moto's rules cannot."""
    bus.sqs.send_message(QueueUrl=url_of(tap, bus), MessageBody=json.dumps(envelope("OrderCreated")))


def fail(
    monkeypatch: pytest.MonkeyPatch, operation: str, error: BaseException, *, after: bool = False, times: int = 99
) -> None:
    """Make the next calls of an AWS operation fail, before or after they take effect."""
    call: Callable[..., Any] = BaseClient._make_api_call  # type: ignore[attr-defined]  # noqa: SLF001  the one way in
    errors = [error] * times

    def failing(client: BaseClient, name: str, arguments: dict[str, Any]) -> Any:
        fails = name == operation and bool(errors)
        answer = call(client, name, arguments) if after or not fails else None
        if fails:
            raise errors.pop()
        return answer

    monkeypatch.setattr(BaseClient, "_make_api_call", failing)


def refusal(code: str = "AccessDenied") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "you may not"}}, "Operation")


def interrupts(number: signal.Signals) -> bool:
    """Send a signal to this process, and tell whether it interrupts."""
    try:
        signal.raise_signal(number)
    except KeyboardInterrupt:
        return True
    return False


@pytest.mark.parametrize(
    ("pattern", "asked"),
    [
        (pattern_of(), {}),
        (pattern_of("PaymentFailed"), {"detail-type": ["PaymentFailed"]}),
        (pattern_of(" PaymentFailed, OrderCreated,"), {"detail-type": ["PaymentFailed", "OrderCreated"]}),
        (pattern_of(order_id="2"), {"detail": {"orderId": ["2"]}}),
        (pattern_of("PaymentFailed", "2"), {"detail-type": ["PaymentFailed"], "detail": {"orderId": ["2"]}}),
    ],
    ids=["all", "one event", "two events", "one order", "both"],
)
def test_eventbridge_is_asked_for_what_is_watched_for(bus: Bus, pattern: str, asked: dict[str, Any]) -> None:
    with tapped(bus, pattern) as tap:
        rule = bus.events.describe_rule(Name=tap.name, EventBusName=BUS)
    assert json.loads(rule["EventPattern"]) == {"source": ["order-saga"], **asked}


def test_an_event_that_the_saga_does_not_know_is_told_with_those_that_it_does() -> None:
    with pytest.raises(ProblemError, match="there is no event PaymentFail, Shipped: choose among OrderCreated, Inv"):
        pattern_of("PaymentFail,PaymentFailed,Shipped")


def test_the_queue_takes_events_of_its_own_rule_alone_and_keeps_them_encrypted_for_a_short_time(bus: Bus) -> None:
    with tapped(bus, pattern_of()) as tap:
        queue = bus.sqs.get_queue_attributes(QueueUrl=url_of(tap, bus), AttributeNames=["All"])["Attributes"]
        rule = bus.events.describe_rule(Name=tap.name, EventBusName=BUS)
        targets = bus.events.list_targets_by_rule(Rule=tap.name, EventBusName=BUS)["Targets"]
    assert json.loads(queue["Policy"])["Statement"] == [
        {
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": queue["QueueArn"],
            "Condition": {"ArnEquals": {"aws:SourceArn": rule["Arn"]}},
        }
    ]
    assert rule["Arn"].endswith(f":rule/{BUS}/{tap.name}")
    assert [target["Arn"] for target in targets] == [queue["QueueArn"]]
    assert (queue["SqsManagedSseEnabled"], queue["MessageRetentionPeriod"]) == ("true", "300")


def test_an_event_is_taken_once(bus: Bus) -> None:
    with tapped(bus, pattern_of()) as tap:
        deliver(tap, bus)
        assert tap.take(0) == [envelope("OrderCreated")]
        counted = bus.sqs.get_queue_attributes(QueueUrl=url_of(tap, bus), AttributeNames=["All"])["Attributes"]
    assert (counted["ApproximateNumberOfMessages"], counted["ApproximateNumberOfMessagesNotVisible"]) == ("0", "0")


def test_nothing_is_left_of_a_watch(bus: Bus) -> None:
    with tapped(bus, pattern_of()) as tap:
        assert left_behind(bus) == {f"rule {tap.name}", f"queue {tap.name}"}
    assert left_behind(bus) == set()


@pytest.mark.parametrize("error", [refusal(), KeyboardInterrupt()], ids=["refused", "interrupted"])
@pytest.mark.parametrize("effect", ["without", "with"])
@pytest.mark.parametrize("operation", ["PutRule", "CreateQueue", "PutTargets"])
def test_nothing_is_left_when_the_creation_breaks_off(
    bus: Bus, monkeypatch: pytest.MonkeyPatch, operation: str, effect: str, error: BaseException
) -> None:
    fail(monkeypatch, operation, error, after=effect == "with")
    with pytest.raises(type(error)), tapped(bus, pattern_of()):
        pytest.fail("it was opened")
    assert left_behind(bus) == set()


@pytest.mark.parametrize("operation", ["ReceiveMessage", "DeleteMessageBatch"])
def test_nothing_is_left_when_the_watch_breaks_off(bus: Bus, monkeypatch: pytest.MonkeyPatch, operation: str) -> None:
    fail(monkeypatch, operation, refusal())
    with tapped(bus, pattern_of()) as tap:
        deliver(tap, bus)
        with pytest.raises(ClientError, match="you may not"):
            tap.take(0)
    assert left_behind(bus) == set()


def test_a_target_that_eventbridge_refuses_is_told(bus: Bus, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = {"TargetId": "watch", "ErrorCode": "ConcurrentModificationException", "ErrorMessage": "try again"}
    monkeypatch.setattr(bus.events, "put_targets", lambda **_: {"FailedEntryCount": 1, "FailedEntries": [entry]})
    with pytest.raises(ProblemError, match="ConcurrentModificationException"), tapped(bus, pattern_of()):
        pytest.fail("it was opened")
    assert left_behind(bus) == set()


def test_the_queue_goes_even_when_the_rule_cannot_and_what_is_left_is_named(
    bus: Bus, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail(monkeypatch, "DeleteRule", refusal())
    with pytest.raises(ProblemError, match="you may not") as problem, tapped(bus, pattern_of()) as tap:
        pass
    assert left_behind(bus) == {f"rule {tap.name}"}
    assert f"the rule and the queue {tap.name} may be left" in str(problem.value)
    assert "\n" not in str(problem.value)


def test_a_queue_that_is_not_ready_yet_is_asked_again(bus: Bus, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tools.operating.watch.tap.SETTLING", 0)
    with tapped(bus, pattern_of()) as tap:
        deliver(tap, bus)
        fail(monkeypatch, "ReceiveMessage", bus.sqs.exceptions.QueueDoesNotExist({}, "ReceiveMessage"), times=2)
        assert tap.take(0) == [envelope("OrderCreated")]


def test_a_queue_that_somebody_removed_is_told(bus: Bus, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tools.operating.watch.tap.SETTLING", 0)
    with tapped(bus, pattern_of()) as tap:
        bus.sqs.delete_queue(QueueUrl=url_of(tap, bus))
        with pytest.raises(ProblemError, match=f"the queue {tap.name} was deleted"):
            tap.take(0)
    assert left_behind(bus) == set()


def test_what_a_killed_watch_left_is_removed_after_a_day_and_no_earlier(bus: Bus, clock: VirtualClock) -> None:
    clock.time = datetime(2026, 1, 31, 9, 30, tzinfo=UTC)
    killed = Tap(bus)
    killed.open(pattern_of())
    assert killed.name.startswith("order-saga-unit-watch-20260131T093000-")
    clock.advance(hours=23)
    running = Tap(bus)
    running.open(pattern_of())
    assert sweep(bus) == []
    clock.advance(hours=2)
    assert sweep(bus) == [killed.name]
    assert left_behind(bus) == {f"rule {running.name}", f"queue {running.name}"}


def test_half_of_a_leftover_is_removed_as_well(bus: Bus) -> None:
    queue, rule = "order-saga-unit-watch-20200101T000000-0001", "order-saga-unit-watch-20200101T000000-0002"
    bus.sqs.create_queue(QueueName=queue)
    bus.events.put_rule(Name=rule, EventBusName=BUS, EventPattern=pattern_of())
    assert sweep(bus) == [queue, rule]
    assert left_behind(bus) == set()


def test_what_no_watch_of_this_stack_made_is_left_alone(bus: Bus) -> None:
    others = {
        "order-saga-unit-watch-20200101T000000",
        "order-saga-unit-watch-dog-20200101T000000-0001",
        "order-saga-unit2-watch-20200101T000000-0001",
    }
    for name in others:
        bus.sqs.create_queue(QueueName=name)
    assert sweep(bus) == []
    assert left_behind(bus) == {f"queue {name}" for name in others}


def test_a_watch_ends_by_itself_before_it_would_be_taken_for_a_leftover(
    stack: Stack, bus: Bus, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    swept = []

    def take_for_an_hour(_: Tap, __: int) -> list[Envelope]:
        clock.advance(hours=1)
        swept.extend(sweep(bus))
        return []

    monkeypatch.setattr(Tap, "take", take_for_an_hour)
    tail(stack, pattern_of())
    assert swept == []
    assert left_behind(bus) == set()
    assert "ended after 12 hours" in capsys.readouterr().err


def test_the_first_signal_interrupts_and_those_that_follow_do_not_disturb() -> None:
    before = [signal.getsignal(number) for number in ENDINGS]
    for number in ENDINGS:
        with interrupted_once():
            assert interrupts(number)
            assert not [disturbing for disturbing in ENDINGS if interrupts(disturbing)]
    assert [signal.getsignal(number) for number in ENDINGS] == before


def test_a_signal_that_is_ignored_already_stays_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with interrupted_once():
            assert not interrupts(signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, before)
