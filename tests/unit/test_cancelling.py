"""Customers cancel: an order that is not paid yet is undone, whatever is under way; a paid one is not."""

import json
from datetime import timedelta

import pytest

from orders import cancel_order
from orders.order_ids import LAST_RELEASE
from saga.deferral import UnreachableError
from saga.step import NEVER_GONE_BEFORE
from tests.unit.http import cancel, get
from tests.unit.moto_stack import Log
from tests.unit.stories import HAPPY, LATE, NEVER_PAID, STATUS, STORIES, Story, Told
from tests.unit.wire import refused_call
from tests.unit.world import World

WHY = "cancelled by the customer"
UP_TO_THE_PIVOT = {"CREATED", "INVENTORY_RESERVED", "PAYMENT_PENDING"}


def undo(world: World, order: Told, consumed: str) -> list[str]:
    """Deliver an event and all that follow it; return what was published."""
    world.deliver(consumed, order.detail(consumed))
    while (last := world.published[-1]).detail_type in {"PaymentAbandoned", "PaymentRefunded"}:
        world.deliver(last.detail_type, last.content)
    return [event.detail_type for event in world.published]


REFUND_AND_RELEASE = ["UpdateItem", "PutEvents", "TransactWriteItems", "PutEvents"]
UNDONE = ["PaymentAbandoned", "PaymentRefunded", "InventoryReleased"]


@pytest.mark.parametrize(
    ("story", "at", "published", "calls"),
    [
        # Mark and read; the step's write is refused by the mark, and it writes once more.
        (HAPPY, 0, ["InventoryFailed"], ["TransactWriteItems", "UpdateItem", "PutEvents"]),
        (
            HAPPY,
            1,
            UNDONE,
            [
                "UpdateItem",
                "UpdateItem",
                "PutEvents",
                *["UpdateItem", "PutEvents"],
                *["TransactWriteItems", "PutEvents"],
            ],
        ),
        # Still pending: the step reads the record before it defers, and finds the mark.
        (
            NEVER_PAID,
            2,
            UNDONE,
            ["GetItem", "UpdateItem", "PutEvents", *REFUND_AND_RELEASE],
        ),
    ],
    ids=["created", "reserved", "pending"],
)
def test_a_cancelled_order_is_undone_in_these_calls(
    world: World, story: Story, at: int, published: list[str], calls: list[str]
) -> None:
    order = world.begin(story, at=at)
    world.stack.wire.calls.clear()
    assert cancel(order.order_id).status == 202
    assert world.stack.wire.calls == ["UpdateItem", "GetItem"]
    world.stack.wire.calls.clear()

    assert undo(world, order, story.path[at]) == published

    assert world.stack.wire.calls == calls
    assert world.published[-1].content["failureReason"] == WHY
    assert (world.books.held(order.order_id), world.stack.shelf(order.sku)) == (0, story.stock)
    assert cancel(order.order_id).status == 200


def test_a_charge_that_is_under_way_when_its_order_is_cancelled_is_voided(world: World) -> None:
    order = world.begin(HAPPY, at=1)
    world.stack.wire.meanwhile("UpdateItem", lambda: cancel(order.order_id))
    assert undo(world, order, "InventoryReserved") == UNDONE
    assert (world.books.held(order.order_id), world.books.voided(order.order_id)) == (0, True)


@pytest.mark.parametrize("story", STORIES, ids=str)
def test_wherever_an_order_stands_it_is_cancelled_in_time_or_not_at_all(world: World, story: Story) -> None:
    for at, event in enumerate(story.path):
        order = world.begin(story, at=at)
        before = world.stands(order)
        first, again = cancel(order.order_id), cancel(order.order_id)
        assert (first.status, first.body) == (again.status, again.body)
        if STATUS[event] in UP_TO_THE_PIVOT:
            assert (first.status, first.body) == (202, {"orderId": order.order_id, "status": STATUS[event]})
        else:
            assert (first.status, first.wrong_fields) == (409, {"orderId"})
            assert world.stands(order) == before


@pytest.mark.parametrize("order_id", ["9f3d2a1c-0d4e-4b7a-8f6e-2c1b0a9d8e7f", "no-uuid", ""])
def test_an_order_that_is_not_there_cannot_be_cancelled(world: World, order_id: str) -> None:
    answer = cancel(order_id)
    assert (answer.status, answer.wrong_fields) == (404, {"orderId"})
    assert world.published == []


def test_a_conflict_with_the_reservation_is_retried(world: World) -> None:
    order = world.begin(HAPPY)
    world.stack.wire.answer("UpdateItem", *[refused_call("TransactionConflictException")] * 2)
    assert cancel(order.order_id).status == 202
    assert world.stack.wire.calls == [*["UpdateItem"] * 3, "GetItem"]


def test_while_the_last_release_runs_no_order_can_be_cancelled(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    order = world.begin(HAPPY)
    monkeypatch.setenv(LAST_RELEASE, "runs")
    before = world.stands(order)
    assert cancel(order.order_id).status == 409
    assert world.stands(order) == before


def test_the_cancelled_order_is_logged_once_by_its_id(world: World, log: Log) -> None:
    order = world.begin(HAPPY)
    cancel(order.order_id)
    cancel(order.order_id)
    assert [line["orderId"] for line in log.lines if line["event"] == "saga stopped"] == [order.order_id]
    assert "CUST-1" not in log.text


def test_an_order_is_shown_without_who_stopped_it_and_why(world: World) -> None:
    order = world.begin(HAPPY)
    before = get(order.order_id).body
    cancel(order.order_id)
    assert get(order.order_id).body == before
    assert json.dumps(before).count("stopped") == 0


def test_a_cancelled_order_is_given_up_while_its_provider_is_away(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_payment: object) -> object:
        raise UnreachableError("no connection")

    order = world.begin(HAPPY, at=1)
    monkeypatch.setattr(world.gateway, "charge", away)
    world.deliver("InventoryReserved", order.detail("InventoryReserved"))
    assert world.published == []
    cancel(order.order_id)
    world.deliver("InventoryReserved", order.detail("InventoryReserved"))
    assert [event.content["failureReason"] for event in world.published] == [WHY]


def test_what_recovery_brings_of_a_cancelled_order_charges_nothing_any_more(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = world.begin(HAPPY, at=1)
    cancel(order.order_id)
    monkeypatch.delattr(type(world.gateway), "charge")
    world.set_age(timedelta(seconds=61))
    world.deliver("InventoryReserved", order.detail("InventoryReserved"))
    assert [event.detail_type for event in world.published] == ["PaymentAbandoned"]


def test_a_cancelled_order_past_its_deadline_keeps_the_reason_of_its_customer(world: World) -> None:
    order = world.begin(HAPPY, at=1)
    cancel(order.order_id)
    world.set_age(LATE)
    world.deliver("InventoryReserved", order.detail("InventoryReserved"))
    assert [event.content["failureReason"] for event in world.published] == [WHY]


def test_that_an_order_is_gone_is_known_only_after_the_time_that_a_dead_letter_is_kept() -> None:
    assert timedelta(days=14) <= NEVER_GONE_BEFORE
    assert cancel_order.CANCELLATION.by is None
