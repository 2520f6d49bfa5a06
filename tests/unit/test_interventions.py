"""Operators give orders up, hold them and release them, one or many; who did it and why stays in the record."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast

import boto3
import pytest

from saga.marks import Act
from tests.unit.http import cancel, get
from tests.unit.moto_stack import BUS, RECORDS
from tests.unit.stories import HAPPY, LATE, NEVER_PAID, PLACED, UNDELIVERABLE, Told, wire_time
from tests.unit.world import World
from tools.base.problem import ProblemError
from tools.base.stack import Stack
from tools.base.transitions import EVENTS
from tools.operating import drained
from tools.operating.drained import Drained
from tools.operating.in_flight import InFlight
from tools.operating.interventions import Operator, duration, told

ME = "arn:aws:sts::123456789012:assumed-role/operators/me"
OUTPUTS = {"OrdersTableName": RECORDS, "EventBusName": BUS, "DeadLetterQueueUrl": "queue"}
NOTHING = timedelta()


def stack_with(world: World, **parameters: str) -> Stack:
    """Return a stack whose clients reach moto, and whose events the test's wire sees."""

    def client(service: str) -> Any:
        if service == "sts":
            return SimpleNamespace(get_caller_identity=lambda: {"Arn": ME})
        if service == "sqs":
            return SimpleNamespace(receive_message=lambda **_: {})
        made = boto3.client(service)  # type: ignore[call-overload]
        world.stack.wire.watch(made)
        return made

    parameters = {"DeadlineSeconds": "900", "PendingDeadlineSeconds": "3600", "ArchiveDays": "30"} | parameters
    return cast("Stack", SimpleNamespace(output=OUTPUTS.__getitem__, parameters=parameters, client=client))


@pytest.fixture
def operator(world: World) -> Operator:
    return Operator(stack_with(world))


def test_an_order_that_is_given_up_ends_with_that_reason_and_its_record_tells_who_did_it_and_why(
    world: World, operator: Operator
) -> None:
    order = world.begin(HAPPY, at=1)
    (outcome,) = operator.intervene(Act.STOP, "the sku was recalled", [order.order_id])
    assert outcome.done
    world.deliver("InventoryReserved", order.detail("InventoryReserved"))
    assert world.published[-1].content["failureReason"] == "given up by an operator"
    record = world.stack.record(order.order_id)
    assert record is not None
    assert list(told(record)) == [f"stopped at {wire_time(PLACED)} by {ME}: the sku was recalled"]
    shown = get(order.order_id).body
    assert not {"stopped", "held", "marks"} & shown.keys()
    assert ME not in str(shown)


@pytest.mark.parametrize(
    ("event", "at"), [("OrderCreated", 0), ("InventoryReserved", 1), ("PaymentCharged", 2), ("ShippingFailed", 3)]
)
def test_a_held_order_stays_where_it_is_until_it_is_released(
    world: World, operator: Operator, event: str, at: int
) -> None:
    order = world.begin(UNDELIVERABLE, at=at)
    operator.intervene(Act.HOLD, "to look at it", [order.order_id])
    before = world.stack.record(order.order_id)

    assert world.deliver(event, order.detail(event))["delivery"] == "held"
    assert (world.stack.record(order.order_id), world.published) == (before, [])

    (outcome,) = operator.intervene(Act.RELEASE, "", [order.order_id])
    assert outcome.said == f"{event} is published"
    (published,) = world.published
    assert (published.detail_type, published.content) == (event, order.detail(event))
    assert world.deliver(event, order.detail(event))["delivery"] == "first"


@pytest.mark.parametrize("age", [timedelta(seconds=1), timedelta(seconds=61), LATE])
def test_nothing_outside_is_asked_for_a_held_order_that_recovery_or_a_replay_brings(
    world: World, operator: Operator, monkeypatch: pytest.MonkeyPatch, age: timedelta
) -> None:
    order = world.begin(HAPPY, at=1)
    operator.intervene(Act.HOLD, "to look at it", [order.order_id])
    world.set_age(age)
    if age > timedelta(seconds=60):
        monkeypatch.delattr(type(world.gateway), "charge")
    assert world.deliver("InventoryReserved", order.detail("InventoryReserved"))["delivery"] == "held"


def test_a_duplicate_of_an_event_before_does_not_push_a_held_order_on(world: World, operator: Operator) -> None:
    order = world.begin(HAPPY, at=2)
    operator.intervene(Act.HOLD, "to look at it", [order.order_id])
    assert world.deliver("InventoryReserved", order.detail("InventoryReserved"))["delivery"] == "held"
    assert world.published == []


def test_a_charge_that_was_under_way_when_its_order_was_held_is_taken_after_its_release(
    world: World, operator: Operator
) -> None:
    order = world.begin(HAPPY, at=1)
    world.stack.wire.meanwhile("UpdateItem", lambda: operator.intervene(Act.HOLD, "stop", [order.order_id]))
    assert world.deliver("InventoryReserved", order.detail("InventoryReserved"))["delivery"] == "held"
    assert world.books.held(order.order_id) == order.known["amount"]
    operator.intervene(Act.RELEASE, "", [order.order_id])
    world.deliver("InventoryReserved", order.detail("InventoryReserved"))
    assert world.published[-1].detail_type == "PaymentCharged"
    assert world.books.held(order.order_id) == order.known["amount"]


def test_whoever_releases_an_order_is_told_that_its_deadline_passed_meanwhile(world: World, operator: Operator) -> None:
    order = world.begin(HAPPY, at=1)
    operator.intervene(Act.HOLD, "to look at it", [order.order_id])
    world.set_age(LATE)
    (outcome,) = operator.intervene(Act.RELEASE, "", [order.order_id])
    assert "its deadline has passed meanwhile, so it is given up" in outcome.said
    world.deliver("InventoryReserved", order.detail("InventoryReserved"))
    assert world.published[-1].content["failureReason"] == "timed out"


def test_an_order_whose_record_makes_no_event_is_released_and_nothing_is_published(
    world: World, operator: Operator
) -> None:
    order = world.begin(HAPPY, at=1)
    operator.intervene(Act.HOLD, "the amount looks wrong", [order.order_id])
    key = {"orderId": order.order_id}
    boto3.resource("dynamodb").Table(RECORDS).update_item(Key=key, UpdateExpression="REMOVE amount")
    before = len(world.published)
    (outcome,) = operator.intervene(Act.RELEASE, "", [order.order_id])
    assert (outcome.done, "makes no event" in outcome.said) == (True, True)
    assert "held" not in (world.stack.record(order.order_id) or {})
    assert len(world.published) == before


def test_a_stopped_order_that_is_held_is_given_up_after_its_release(world: World, operator: Operator) -> None:
    order = world.begin(HAPPY, at=1)
    operator.intervene(Act.HOLD, "to look at it", [order.order_id])
    assert cancel(order.order_id).status == 202
    assert world.deliver("InventoryReserved", order.detail("InventoryReserved"))["delivery"] == "held"
    operator.intervene(Act.RELEASE, "", [order.order_id])
    world.deliver("InventoryReserved", order.detail("InventoryReserved"))
    assert world.published[-1].content["failureReason"] == "cancelled by the customer"


@pytest.mark.parametrize(
    ("at", "acts", "said"),
    [
        (2, [Act.STOP], "it is at PAYMENT_CHARGED, past the point where it can be given up"),
        (3, [Act.STOP], "it has ended as SHIPPING_SCHEDULED"),
        (1, [Act.STOP, Act.STOP], "it is stopped already: given up by an operator"),
        (1, [Act.HOLD, Act.HOLD], "it is held already, since 2026-01-31T09:30:00.125Z"),
        (3, [Act.HOLD], "it has ended as SHIPPING_SCHEDULED"),
        (1, [Act.RELEASE], "it is not held"),
    ],
)
def test_what_changes_nothing_is_refused_with_the_reason(
    world: World, operator: Operator, at: int, acts: list[Act], said: str
) -> None:
    order = world.begin(HAPPY, at=at)
    for before in acts[:-1]:
        operator.intervene(before, "first", [order.order_id])
    record = world.stack.record(order.order_id)
    (outcome,) = operator.intervene(acts[-1], "second", [order.order_id])
    assert (outcome.done, world.stack.record(order.order_id)) == (False, record)
    assert outcome.said.startswith(said)


def test_an_order_that_is_not_there_is_refused(operator: Operator) -> None:
    (outcome,) = operator.intervene(Act.HOLD, "why", ["nowhere"])
    assert outcome.said.startswith("there is no such order")


def test_many_are_chosen_by_status_and_age_and_by_what_can_be_done_to_them(world: World, operator: Operator) -> None:
    world.stack.remove_records()
    pending = [world.begin(NEVER_PAID, at=2).order_id for _ in range(3)]
    world.begin(HAPPY, at=1)
    world.clock.advance(minutes=10)
    operator.intervene(Act.HOLD, "why", [pending[0]])

    def those(act: Act, status: str = "PAYMENT_PENDING", older: timedelta = NOTHING) -> list[str]:
        return sorted(operator.those(act, status, older))

    assert those(Act.STOP) == sorted(pending)
    assert those(Act.HOLD) == sorted(pending[1:])
    assert those(Act.RELEASE) == [pending[0]]
    assert those(Act.STOP, older=timedelta(minutes=11)) == []
    assert those(Act.HOLD, "CREATED") == []
    progress: list[int] = []
    assert all(outcome.done for outcome in operator.intervene(Act.STOP, "why", pending, progress.append))
    assert progress == [1, 1, 1]


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda operator: operator.those(Act.HOLD, "LOST", NOTHING), "there is no status LOST"),
        (lambda operator: operator.those(Act.STOP, "PAYMENT_CHARGED", NOTHING), "can no longer be given up"),
        (lambda _: duration("soon"), "OLDER=soon is no duration"),
    ],
)
def test_what_cannot_be_asked_is_refused(operator: Operator, ask: Callable[[Operator], object], said: str) -> None:
    with pytest.raises(ProblemError, match=said):
        ask(operator)


def test_a_duration_is_written_with_its_unit() -> None:
    assert [duration(text).total_seconds() for text in ("90s", "15m", "2h", "1d")] == [90, 900, 7_200, 86_400]


def test_while_the_last_release_runs_nobody_intervenes(world: World) -> None:
    with pytest.raises(ProblemError, match="the last release runs there"):
        Operator(stack_with(world, LastRelease="runs"))


@pytest.mark.parametrize(
    ("event", "coming"),
    [
        ("PaymentFailed", {"INVENTORY_RESERVED": 1, "PAYMENT_PENDING": 2}),
        ("InventoryReleased", {"INVENTORY_RESERVED": 1, "PAYMENT_PENDING": 2, "SHIPPING_FAILED": 1}),
        ("OrderCreated", {}),
        ("PaymentPending", {"INVENTORY_RESERVED": 1, "PAYMENT_PENDING": 2}),
    ],
)
def test_an_event_is_drained_once_no_order_in_flight_can_come_to_it(
    world: World, event: str, coming: dict[str, int]
) -> None:
    world.stack.remove_records()
    for story, at in ((HAPPY, 1), (NEVER_PAID, 2), (NEVER_PAID, 2), (UNDELIVERABLE, 3), (HAPPY, 3)):
        world.begin(story, at=at)
    world.clock.advance(seconds=1)
    found = Drained.of(EVENTS[event], InFlight(stack_with(world)).records(), [], 30)
    assert (found.in_flight, found.is_drained) == (coming, not coming)


def test_the_day_from_which_on_nothing_brings_an_event_follows_from_archive_and_queue(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.stack.remove_records()
    for days, day in (("30", "2026-03-03"), ("0", "2026-02-15")):
        found = drained.look(stack_with(world, ArchiveDays=days), "PaymentFailed")
        drained.show(found)
        assert (found.is_drained, str(found.gone_from)) == (True, day)
        assert day in capsys.readouterr().out


def test_an_event_that_does_not_exist_is_refused(world: World) -> None:
    with pytest.raises(ProblemError, match="there is no event PaymentLost"):
        drained.look(stack_with(world), "PaymentLost")


def test_what_a_customer_did_is_told_as_the_customers(world: World) -> None:
    order: Told = world.begin(HAPPY)
    cancel(order.order_id)
    assert list(told(world.stack.record(order.order_id) or {})) == [
        f"stopped at {wire_time(PLACED)}: cancelled by the customer"
    ]
