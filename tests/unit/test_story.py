"""The story of an order, as its record, the functions' lines and the dead letters tell it together."""

import json
from collections.abc import Sequence
from typing import Any

import pytest

from contract import Saga
from orders import recover_orders
from saga.record import Record
from tests.unit.http import ORDER, post
from tests.unit.log_lines import (
    CHARGED,
    CREATED,
    FUNCTIONS,
    HAPPY_LINES,
    RESERVED,
    SHIPPED,
    after,
    announced,
    failed,
    line,
    recovered,
    step,
)
from tests.unit.moto_stack import Context, Log
from tests.unit.stories import CONSUMED_BY, DECLINED, HAPPY, Told
from tests.unit.world import FUNCTIONS as STEPS
from tests.unit.world import World, envelope
from tools.operating.dead_letters import DeadLetter, Way
from tools.operating.story.parts import Origin
from tools.operating.story.story import Story


def story_of(
    lines: Sequence[dict[str, Any]],
    order: Told | None = None,
    at: int = 3,
    letters: Sequence[DeadLetter] = (),
    now: float = 200,
) -> Story:
    """Tell the story of an order that got as far as the event at `at`."""
    return Story.of((order or Told(HAPPY)).record(at), lines, letters, FUNCTIONS, after(now))


def test_each_step_is_told_with_what_it_consumed_and_published_and_who_sent_what_it_consumed() -> None:
    story = story_of(HAPPY_LINES)
    assert [(told.function, told.consumed, told.published, told.delivery) for told in story.deliveries] == [
        ("ReserveInventory", "OrderCreated", "InventoryReserved", "first"),
        ("ChargePayment", "InventoryReserved", "PaymentCharged", "first"),
        ("NotifyShipping", "PaymentCharged", "ShippingScheduled", "first"),
    ]
    assert [told.origin for told in story.deliveries] == [
        Origin(kind="creation", function="CreateOrder"),
        Origin(kind="step", function="ReserveInventory"),
        Origin(kind="step", function="ChargePayment"),
    ]
    assert [told.consumed_id for told in story.deliveries] == ["id-0", "id-1", "id-2"]
    assert [told.published_id for told in story.deliveries] == ["id-1", "id-2", "id-3"]
    assert (story.status, story.terminal, story.milliseconds) == ("SHIPPING_SCHEDULED", True, 3000)


def test_a_step_began_so_long_before_its_line_as_it_took_and_waited_since_its_event_was_published() -> None:
    first, second, _ = story_of(HAPPY_LINES).deliveries
    assert (first.began, first.ended, first.milliseconds) == (after(0.96), after(1.01), 50)
    assert first.waited == pytest.approx(860)
    assert second.waited == pytest.approx(950)


def test_the_order_of_the_lines_does_not_matter() -> None:
    order = Told(HAPPY)
    assert story_of(HAPPY_LINES[::-1], order) == story_of(HAPPY_LINES, order)


def test_who_made_each_entry_of_the_history_is_told() -> None:
    assert [(change.status, change.function) for change in story_of(HAPPY_LINES).history] == [
        ("CREATED", "CreateOrder"),
        ("INVENTORY_RESERVED", "ReserveInventory"),
        ("PAYMENT_CHARGED", "ChargePayment"),
        ("SHIPPING_SCHEDULED", "NotifyShipping"),
    ]


def test_an_order_without_log_lines_is_told_by_its_record_alone() -> None:
    story = story_of([])
    assert (story.lines, story.deliveries, story.publications) == (0, (), ())
    assert [change.status for change in story.untold] == [
        "CREATED",
        "INVENTORY_RESERVED",
        "PAYMENT_CHARGED",
        "SHIPPING_SCHEDULED",
    ]
    assert story.milliseconds == 3000


def test_an_order_in_flight_lasts_until_now() -> None:
    story = story_of(HAPPY_LINES[:2], at=1, now=61)
    assert (story.terminal, story.milliseconds) == (False, 61_000)


def test_an_event_that_comes_again_is_the_next_attempt_and_a_duplicate() -> None:
    again = step(CREATED, ("InventoryReserved", "id-9"), 1.5, "duplicate")
    first, second, *_ = story_of([*HAPPY_LINES, again]).deliveries
    assert [(told.delivery, told.attempt) for told in (first, second)] == [("first", 1), ("duplicate", 2)]
    assert second.origin == Origin(kind="creation", function="CreateOrder")
    assert second.waited is None


@pytest.mark.parametrize("delivery", ["stale", "lost race"])
def test_a_delivery_that_published_nothing_says_what_it_was(delivery: str) -> None:
    last = story_of([*HAPPY_LINES, step(RESERVED, None, 9, delivery)]).deliveries[-1]
    assert (last.delivery, last.published, last.published_id) == (delivery, None, None)


def test_a_step_that_failed_and_its_retry_are_told_with_the_reason() -> None:
    lines = [announced("id-0"), failed(CREATED, 0.5, "ClientError: throttled"), step(CREATED, RESERVED, 1.01)]
    one, two = story_of(lines, at=1).deliveries
    assert (one.delivery, one.reason, one.attempt) == ("failed", "ClientError: throttled", 1)
    assert (two.delivery, two.reason, two.attempt) == ("first", None, 2)


def test_a_step_that_wrote_and_then_failed_to_publish_is_who_made_the_change() -> None:
    lines = [announced("id-0"), failed(CREATED, 1.01), step(CREATED, RESERVED, 30, "duplicate")]
    story = story_of(lines, at=1)
    assert [change.function for change in story.history] == ["CreateOrder", "ReserveInventory"]


def test_a_step_that_failed_at_another_time_made_no_change() -> None:
    """The step died without a word in between: nobody is named who only was there before or after."""
    story = story_of([announced("id-0"), failed(CREATED, 0.5), step(CREATED, RESERVED, 30, "duplicate")], at=1)
    assert [change.status for change in story.untold] == ["INVENTORY_RESERVED"]


def test_a_step_that_consumes_something_else_made_no_change_although_it_failed_meanwhile() -> None:
    story = story_of([announced("id-0"), failed(CHARGED, 1.01)], at=1)
    assert [change.status for change in story.untold] == ["INVENTORY_RESERVED"]


def test_a_recovered_order_names_recovery_as_the_sender() -> None:
    lines = [
        *HAPPY_LINES[:2],
        recovered(("InventoryReserved", "id-8"), 70),
        step(("InventoryReserved", "id-8"), CHARGED, 71),
    ]
    story = story_of(lines, at=2)
    assert [(told.kind, told.published_id) for told in story.publications] == [
        ("announced", "id-0"),
        ("published again", "id-8"),
    ]
    assert story.deliveries[-1].origin == Origin(kind="recovery", function="RecoverOrders")


def test_an_order_whose_publish_failed_says_so_and_why() -> None:
    left = line("publish left to recovery", "CreateOrder", 0.1, reason="PublishError: no")
    story = story_of([left, recovered(("OrderCreated", "id-8"), 70)], at=0)
    first, second = story.publications
    assert (first.kind, first.published, first.published_id, first.reason) == (
        "left to recovery",
        "OrderCreated",
        None,
        "PublishError: no",
    )
    assert second.kind == "published again"
    assert story.history[0].function == "CreateOrder"


def test_a_replayed_event_names_its_replay_and_is_no_second_attempt() -> None:
    replayed = step(CREATED, None, 500, "stale", replay="after-the-outage")
    last = story_of([*HAPPY_LINES, replayed], now=501).deliveries[-1]
    assert last.origin == Origin(kind="replay", replay="after-the-outage")
    assert (last.attempt, last.waited) == (1, None)


def test_an_event_that_no_line_announced_has_an_unknown_sender() -> None:
    redriven = step(("InventoryReserved", "id-7"), None, 20, "stale")
    last = story_of([*HAPPY_LINES, redriven]).deliveries[-1]
    assert (last.origin, last.waited) == (Origin(kind="unknown"), None)


def test_a_line_without_ids_is_told_without_a_sender() -> None:
    """As lines were before events had ids in them; two of them are not taken for the same event."""
    old = [step(CREATED, RESERVED, at, consumedId=None, publishedId=None) for at in (1.01, 2.01)]
    assert [(told.origin.kind, told.attempt) for told in story_of(old).deliveries] == [("unknown", 1), ("unknown", 1)]


def test_an_event_of_an_older_version_is_told_as_it_was() -> None:
    lines = [*HAPPY_LINES, step(CHARGED, ("ParcelSent", "id-9"), 4)]
    assert story_of(lines).deliveries[-1].published == "ParcelSent"


def test_the_dead_letters_of_this_order_are_told_and_no_others() -> None:
    order = Told(HAPPY)
    letters = [
        DeadLetter(Way.EXECUTION, "stack-ChargePayment-1A2B", "InventoryReserved", {"orderId": order_id}, "no", "r")
        for order_id in (order.order_id, "another")
    ]
    (letter,) = story_of(HAPPY_LINES, order, letters=letters).dead_letters
    assert (letter.way, letter.function, letter.event, letter.reason) == (
        "execution",
        "ChargePayment",
        "InventoryReserved",
        "no",
    )


def test_each_trace_is_named_once() -> None:
    lines = [{**each, "xray_trace_id": "1-one"} for each in HAPPY_LINES] + [recovered(SHIPPED, 9)]
    assert story_of(lines).trace_ids == ("1-one", "1-RecoverOrders")


def test_as_json_it_has_camel_case_keys_and_iso_times() -> None:
    order = Told(HAPPY)
    told = json.loads(story_of([*HAPPY_LINES, failed(RESERVED, 5)], order).json_text())
    assert set(told) == {
        "orderId",
        "status",
        "terminal",
        "milliseconds",
        "lookedAt",
        "lines",
        "publications",
        "deliveries",
        "history",
        "deadLetters",
        "traceIds",
        "record",
    }
    assert told["record"] == order.record(3)
    assert told["deliveries"][1] == {
        "function": "ChargePayment",
        "began": "2026-01-31T09:30:02.085Z",
        "ended": "2026-01-31T09:30:02.135Z",
        "milliseconds": 50.0,
        "consumed": "InventoryReserved",
        "consumedId": "id-1",
        "origin": {"kind": "step", "function": "ReserveInventory", "replay": None},
        "waited": 950.0,
        "attempt": 1,
        "delivery": "first",
        "published": "PaymentCharged",
        "publishedId": "id-2",
        "reason": None,
        "coldStart": False,
        "traceId": "1-ChargePayment",
    }


def test_the_lines_that_the_functions_really_write_tell_the_story(world: World, log: Log) -> None:
    """From the order's creation to its end, with recovery in between."""
    order_id = post({**ORDER, "customerId": DECLINED.customer}).body["orderId"]
    world.stack.stock("BOOK", 9)

    def deliver() -> None:
        sent = world.published[-1]
        STEPS[CONSUMED_BY[sent.detail_type]](
            {**envelope(sent.detail_type, sent.content), "id": sent.event_id}, Context()
        )

    deliver()
    world.clock.advance(minutes=2)
    recover_orders.handler({}, Context())
    deliver()
    deliver()
    stored = world.stack.record(order_id)
    assert stored is not None
    lines = [line for line in log.lines if line.get("correlation_id") == order_id]
    story = Story.of(Record.from_item(stored, Saga).model_dump(mode="json"), lines, (), {})
    assert [(told.consumed, told.delivery, told.published, told.origin.kind) for told in story.deliveries] == [
        ("OrderCreated", "first", "InventoryReserved", "creation"),
        ("InventoryReserved", "first", "PaymentFailed", "recovery"),
        ("PaymentFailed", "first", "InventoryReleased", "step"),
    ]
    assert [told.kind for told in story.publications] == ["announced", "published again"]
    assert story.untold == ()
