"""Each error of the kernel to the letter: it is logged, and what a person reads of it is this line."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from contract.events import (
    InventoryReserved,
    OrderCreated,
    OrderEvent,
    PaymentAbandoned,
    PaymentCharged,
    PaymentRefunded,
    ShippingFailed,
)
from payments.gateway import NotYet
from saga import aws, in_flight, marks, table
from saga.bus import PublishError, publish
from saga.in_flight import UnprocessedKeysError
from saga.marks import Act, Intervention, NotMarkedError
from saga.record import Record
from saga.step import ContradictoryEventError, PoisonEventError, Step
from saga.table import (
    AlreadyExistsError,
    ConditionFailedError,
    ConflictError,
    MarkedError,
    MovedOnError,
    UnknownKeyError,
)
from tests.unit.moto_stack import Context, Log
from tests.unit.stories import HAPPY, NEVER_PAID, UNDELIVERABLE, Told
from tests.unit.wire import cancelled, entries, refused_call
from tests.unit.world import FUNCTIONS, World, envelope

MALFORMED = (
    "PaymentCharged is malformed: sku: Input should be a valid string; "
    "quantity: Input should be greater than or equal to 1"
)


def created(order: Told) -> OrderCreated:
    return OrderCreated.from_fields(order.detail("OrderCreated"))


def reserved(order: Told) -> InventoryReserved:
    return InventoryReserved.from_fields(order.detail("InventoryReserved"))


def test_a_record_that_is_there_already(world: World) -> None:
    order = world.begin(HAPPY, at=2)
    with pytest.raises(AlreadyExistsError) as error:
        table.create(created(order))
    assert str(error.value) == f"{order.order_id} exists already, at PAYMENT_CHARGED"


def test_a_record_that_moved_on(world: World) -> None:
    order = world.begin(HAPPY, at=2)
    with pytest.raises(MovedOnError) as error:
        table.advance(created(order), reserved(order))
    assert str(error.value) == f"{order.order_id} is at PAYMENT_CHARGED"


@pytest.mark.parametrize(
    ("act", "said"), [(Act.HOLD, "is held at CREATED"), (Act.STOP, "is stopped at CREATED")], ids=["held", "stopped"]
)
def test_a_record_with_a_mark(world: World, act: Act, said: str) -> None:
    order = world.begin(HAPPY)
    marks.put(Intervention(act), order.order_id, OrderEvent)
    with pytest.raises(MarkedError) as error:
        table.advance(created(order), reserved(order), unless_stopped=True)
    assert str(error.value) == f"{order.order_id} {said}"


@pytest.mark.usefixtures("stack")
def test_a_record_that_is_not_there() -> None:
    order = Told(HAPPY)
    for ask in (
        lambda: table.read(order.order_id, OrderEvent),
        lambda: table.advance(created(order), reserved(order)),
    ):
        with pytest.raises(UnknownKeyError) as error:
            ask()
        assert str(error.value) == f"there is no record of {order.order_id}"


def test_a_condition_of_another_write_that_failed(world: World) -> None:
    order = world.begin(HAPPY)
    world.stack.remove_shelf(order.sku)
    write: Any = {
        "ConditionCheck": {
            "TableName": "test-inventory",
            "Key": {"sku": {"S": order.sku}},
            "ConditionExpression": "attribute_exists(sku)",
        }
    }
    with pytest.raises(ConditionFailedError) as error:
        table.advance(created(order), reserved(order), [write])
    assert str(error.value) == "the condition of a write beside the record's failed"
    assert error.value.write is write


@pytest.mark.parametrize(
    ("call", "answer", "writes", "said"),
    [
        (
            "UpdateItem",
            refused_call("TransactionConflictException"),
            [],
            "(TransactionConflictException) when calling the UpdateItem operation: TransactionConflictException",
        ),
        (
            "TransactWriteItems",
            cancelled("None", "TransactionConflict"),
            [{"Delete": {"TableName": "other", "Key": {}}}],
            "(TransactionCanceledException) when calling the TransactWriteItems operation: ",
        ),
    ],
    ids=["one write", "a transaction"],
)
def test_a_conflict_that_does_not_end(  # noqa: PLR0913, PLR0917  a call, and what it is answered
    world: World, pauses: list[float], call: str, answer: Any, writes: Any, said: str
) -> None:
    order = world.begin(HAPPY)
    world.stack.wire.answer(call, *[answer] * 300)
    with pytest.raises(ConflictError) as error:
        table.advance(created(order), reserved(order), writes)
    assert str(error.value).startswith(f"An error occurred {said}")
    assert 10 <= sum(pauses) < 11
    world.stack.wire.clear()


def test_a_request_that_meets_its_repetition_each_time(world: World, pauses: list[float]) -> None:
    order = Told(HAPPY)
    world.stack.wire.answer("TransactWriteItems", *[cancelled("TransactionConflict", "None")] * 300)
    with pytest.raises(ConflictError) as error:
        table.create(created(order), [{"ConditionCheck": {"TableName": "other", "Key": {}, "ConditionExpression": ""}}])
    said = "(TransactionCanceledException) when calling the TransactWriteItems operation: "
    assert str(error.value).startswith(f"An error occurred {said}")
    assert 3 <= sum(pauses) < 4
    world.stack.wire.clear()


def test_a_mark_that_meets_a_write_each_time(world: World, pauses: list[float]) -> None:
    order = world.begin(HAPPY)
    world.stack.wire.answer("UpdateItem", *[refused_call("TransactionConflictException")] * 300)
    with pytest.raises(ConflictError) as error:
        marks.put(Intervention(Act.HOLD), order.order_id, OrderEvent)
    said = "(TransactionConflictException) when calling the UpdateItem operation: TransactionConflictException"
    assert str(error.value) == f"An error occurred {said}"
    assert 3 <= sum(pauses) < 4
    world.stack.wire.clear()


@pytest.mark.parametrize(
    ("act", "said"),
    [(Act.STOP, "cannot be stopped"), (Act.HOLD, "cannot be held"), (Act.RELEASE, "cannot be released")],
    ids=str,
)
def test_what_cannot_be_done_to_a_saga(world: World, act: Act, said: str) -> None:
    order = world.begin(HAPPY, at=3)
    with pytest.raises(NotMarkedError) as error:
        marks.put(Intervention(act), order.order_id, OrderEvent)
    assert str(error.value) == f"{order.order_id} {said}"


def test_keys_that_stay_unread(world: World, pauses: list[float]) -> None:
    order = world.begin(HAPPY)
    client, asked = world.stack.wire, list[Any]()

    def unread(RequestItems: dict[str, Any]) -> Any:  # noqa: N803  botocore's name
        asked.append(RequestItems)
        return {"Responses": {}, "UnprocessedKeys": RequestItems}

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(aws.dynamodb(), "batch_get_item", unread)
        with pytest.raises(UnprocessedKeysError) as error:
            in_flight.standings([order.order_id, "another"], OrderEvent)
    assert str(error.value) == "DynamoDB left 2 keys unread, five times"
    assert (len(asked), len(pauses)) == (5, 4)
    assert client.calls == []


def test_events_that_the_bus_refused(world: World) -> None:
    orders = [world.begin(HAPPY) for _ in range(3)]
    world.stack.wire.answer("PutEvents", entries("refused", "taken", "refused"))
    with pytest.raises(PublishError) as error:
        publish(*(created(order) for order in orders))
    assert str(error.value) == (
        f"not published: OrderCreated of {orders[0].order_id}: ThrottlingException: slow down; "
        f"OrderCreated of {orders[2].order_id}: ThrottlingException: slow down"
    )
    assert [taken is None for taken in error.value.ids] == [True, False, True]


def test_an_event_that_contradicts_its_record(world: World) -> None:
    order = world.begin(HAPPY)
    with pytest.raises(ContradictoryEventError) as error:
        world.deliver("PaymentCharged", order.detail("PaymentCharged"))
    assert str(error.value) == f"PaymentCharged of {order.order_id} is not in its history; it is at CREATED"


@pytest.mark.parametrize(
    ("function", "event", "said"),
    [
        ("ReserveInventory", {"detail-type": "PaymentFailed"}, "PaymentFailed is not consumed here, only OrderCreated"),
        ("ReserveInventory", {}, "an event without detail-type is not consumed here, only OrderCreated"),
        (
            "RefundPayment",
            {"detail-type": "OrderCreated"},
            "OrderCreated is not consumed here, only ShippingFailed or PaymentAbandoned",
        ),
        (
            "NotifyShipping",
            {"detail-type": "PaymentCharged", "detail": Told(HAPPY).known | {"quantity": 0, "sku": 1}},
            MALFORMED,
        ),
    ],
    ids=["another's", "no detail-type", "two are consumed", "malformed"],
)  # fmt: skip
@pytest.mark.usefixtures("stack")
def test_a_poison_event(function: str, event: dict[str, Any], said: str, log: Log) -> None:
    with pytest.raises(PoisonEventError) as error:
        FUNCTIONS[function](event, Context())
    assert str(error.value) == said
    (line,) = log.lines
    assert (line["event"], line["reason"]) == ("step failed", f"PoisonEventError: {said}")
    assert line.get("consumed") == event.get("detail-type")


def test_a_payment_that_cannot_be_voided_yet_defers_its_step(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    order = world.begin(UNDELIVERABLE, at=3)
    monkeypatch.setattr(world.gateway, "void", lambda _payment: NotYet())
    said = world.deliver("ShippingFailed", order.detail("ShippingFailed"))
    assert said["reason"] == "the payment cannot be voided yet"


def test_a_payment_that_is_pending_defers_its_step(world: World) -> None:
    order = world.begin(NEVER_PAID, at=2)
    assert world.deliver("PaymentPending", order.detail("PaymentPending"))["reason"] == "the payment is still pending"


def test_a_charge_of_a_lost_race_that_cannot_be_voided_yet_defers_its_step(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = world.begin(NEVER_PAID, at=1)
    world.gateway.says = {}
    monkeypatch.setattr(world.gateway, "void", lambda _payment: NotYet())
    # On its way to the compensation, which will void it.
    given_up = {**order.record(1), "status": "PAYMENT_ABANDONED", "failureReason": "timed out"}
    given_up["history"] = [*given_up["history"], {"status": "PAYMENT_ABANDONED", "at": given_up["updatedAt"]}]
    world.stack.wire.meanwhile("UpdateItem", lambda: world.stack.put_record(given_up))
    said = world.deliver("InventoryReserved", order.detail("InventoryReserved"))
    assert (said["delivery"], said["reason"]) == ("lost race", "the charge cannot be voided yet")


def test_a_step_that_gives_up_where_nobody_may_stop_it() -> None:
    def ship(charged: PaymentCharged) -> ShippingFailed:
        return ShippingFailed.after(charged, failure_reason="no")

    with pytest.raises(TypeError) as error:
        Step(ship, give_up=lambda charged, reason: ShippingFailed.after(charged, failure_reason=reason))
    assert str(error.value) == (
        f"{__name__} gives up what stands at PaymentCharged, which says nothing of stoppable=True"
    )


def test_a_step_whose_outcome_follows_either_of_two_events() -> None:
    def refund(reserved: InventoryReserved) -> PaymentRefunded:
        return PaymentRefunded.after(reserved, failure_reason="no", refund_id="re_1")

    with pytest.raises(TypeError) as error:
        Step(refund)
    assert str(error.value) == (
        f"{__name__} publishes PaymentRefunded, which follows ShippingFailed or PaymentAbandoned"
    )
    assert PaymentAbandoned in PaymentRefunded.follows


def test_the_time_that_a_step_took_is_logged_in_milliseconds_with_one_decimal(
    world: World, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    order, times = world.begin(HAPPY), iter([1.0, 1.0123456, 2.0, 2.5])
    monkeypatch.setattr("saga.step.perf_counter", lambda: next(times))
    FUNCTIONS["ReserveInventory"](envelope("OrderCreated", order.detail("OrderCreated")), Context())
    assert log.lines[0]["milliseconds"] == 12.3
    with pytest.raises(PoisonEventError):
        FUNCTIONS["ReserveInventory"](envelope("OrderCreated", {}), Context())
    assert log.lines[1]["milliseconds"] == 500.0


def test_what_dynamodb_has_and_json_has_not_is_read_as_what_is_nearest() -> None:
    at = "2026-01-31T09:30:00.125Z"
    item = {
        "orderId": "order-1", "createdAt": at, "updatedAt": at, "status": "CREATED", "history": [],
        "inFlight": "3", "expiresAt": Decimal(1), "pieces": Decimal(2), "weight": Decimal("1.5"),
        "labels": {"b", "a"}, "image": b"x",
    }  # fmt: skip
    record = Record.from_item(item, OrderEvent)
    assert record.model_extra == {
        "orderId": "order-1", "pieces": 2, "weight": 1.5, "labels": ["a", "b"], "image": "b'x'",
    }  # fmt: skip
    assert isinstance((record.model_extra or {})["pieces"], int)
    assert (record.key, record.key_name) == ("order-1", "orderId")
    assert record.created_at == datetime(2026, 1, 31, 9, 30, 0, 125_000, tzinfo=UTC)
