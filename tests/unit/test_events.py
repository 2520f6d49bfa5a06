import json
import re
from typing import Any

import pytest
from pydantic import ValidationError

from contract.events import InventoryReserved, OrderCreated, PaymentCharged
from saga.event import Event
from tests.unit.stories import FIELDS, HAPPY, STATUS, STORIES, Told, event_id
from tools.base.transitions import EVENTS

ALL = sorted(FIELDS)


@pytest.fixture(params=ALL)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def read(name: str, detail: dict[str, Any]) -> Event:
    return EVENTS[name].from_fields(detail)


def test_there_are_the_events_of_the_contract_and_no_other() -> None:
    assert {event: EVENTS[event].status for event in EVENTS} == STATUS


def test_an_event_carries_the_fields_of_the_contract(name: str) -> None:
    order = Told(HAPPY)
    event = read(name, order.known)
    assert json.loads(event.detail()) == order.detail(name)


def test_an_event_reads_back_as_itself(name: str) -> None:
    event = read(name, Told(HAPPY).known)
    assert EVENTS[name].model_validate_json(event.detail()) == event
    assert EVENTS[name].model_validate_json(event.detail()).detail() == event.detail()


def test_an_event_cannot_be_changed(name: str) -> None:
    event = read(name, Told(HAPPY).known)
    with pytest.raises(ValidationError, match="frozen"):
        setattr(event, "order_id", "another")  # noqa: B010  mypy would refuse the statement


def test_two_events_that_say_the_same_are_equal(name: str) -> None:
    order = Told(HAPPY)
    assert read(name, order.known) == read(name, dict(order.known))
    assert len({read(name, order.known), read(name, dict(order.known))}) == 1


def test_a_field_that_nobody_knows_yet_is_ignored(name: str) -> None:
    order = Told(HAPPY)
    assert read(name, {**order.detail(name), "giftWrap": True}) == read(name, order.detail(name))


def test_the_order_of_fields_on_the_wire_does_not_matter(name: str) -> None:
    order = Told(HAPPY)
    turned = dict(reversed(order.detail(name).items()))
    assert read(name, turned).detail() == read(name, order.detail(name)).detail()


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("orderId", [None, 1, "", "x" * 65, "a\nb"]),
        (
            "createdAt",
            [
                *(None, "", "yesterday", 0, 1769851800, "0", "1769851800", "9999-12-31T23:59:59-01:00"),
                *("2026-01-31T09:30:00", "2026-01-31T09:30:00Z", "2026-01-31T10:30:00.125+01:00"),
                *("2026-13-01T00:00:00.000Z", "2026-02-30T00:00:00.000Z", "2026-01-31T09:30:00.125Z\n"),
            ],
        ),
        ("customerId", [None, 1, "", "x" * 65, "a\x7fb"]),
        ("sku", [None, 1, "", "x" * 65, "a\x00b"]),
        ("quantity", [None, "1", 1.5, True, 0, -1, 10_001]),
        ("amount", [None, "1", 1.5, True, 0, -1, 10**12 + 1]),
        ("currency", [None, 1, "", "usd", "USDX", "USD\n"]),
        ("reservationId", [None, 1, "", "x" * 129]),
        ("paymentId", [None, 1, "", "x" * 129]),
        ("trackingNumber", [None, 1, "", "x" * 129]),
        ("refundId", [None, 1, "", "x" * 129]),
        ("failureReason", [None, 1, "", "x" * 257]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_nothing_is_coerced_and_nothing_is_out_of_bounds(field: str, values: list[object]) -> None:
    event = next(event for event in ALL if field in FIELDS[event])
    for value in values:
        with pytest.raises(ValidationError) as error:
            read(event, {**Told(HAPPY).detail(event), field: value})
        assert [fault["loc"] for fault in error.value.errors()] == [(field,)]


def test_the_same_event_has_the_same_id_and_another_event_or_order_has_another(name: str) -> None:
    order, another = Told(HAPPY), Told(HAPPY)
    ids = {json.loads(read(event, each.known).detail())["eventId"] for event in ALL for each in (order, another)}
    assert len(ids) == 2 * len(ALL)
    assert json.loads(read(name, order.known).detail())["eventId"] == event_id(name, order.order_id)


def test_an_event_of_a_release_that_gave_none_an_id_is_the_same_event(name: str) -> None:
    order = Told(HAPPY)
    before = read(name, order.fields(name))
    assert before == read(name, order.detail(name))
    assert json.loads(before.detail()) == order.detail(name)


def test_a_record_keeps_no_event_id(name: str) -> None:
    assert read(name, Told(HAPPY).detail(name)).fields().keys() <= set(FIELDS[name])


def test_an_event_is_made_from_the_one_before_and_what_it_adds() -> None:
    order = Told(HAPPY)
    created = OrderCreated.from_fields(order.detail("OrderCreated"))
    reserved = InventoryReserved.after(created, reservation_id=order.known["reservationId"])
    charged = PaymentCharged.after(reserved, payment_id=order.known["paymentId"])
    assert json.loads(charged.detail()) == order.detail("PaymentCharged")


def test_an_event_without_what_it_adds_cannot_be_made() -> None:
    created = OrderCreated.from_fields(Told(HAPPY).detail("OrderCreated"))
    with pytest.raises(ValidationError, match="reservation_id"):
        InventoryReserved.after(created)  # type: ignore[call-arg]  # mypy says so as well


@pytest.mark.parametrize("said", ["1 Long Street, Jane Doe" * 100, ["1 Long Street"], {"to": "Jane Doe"}], ids=type)
def test_an_error_names_the_field_that_does_not_fit_and_nothing_that_was_in_it(said: Any) -> None:
    """Whoever logs the error does not log what a customer or a provider said."""
    with pytest.raises(ValidationError, match="reservationId") as error:
        InventoryReserved.from_fields(Told(HAPPY).detail("InventoryReserved") | {"reservationId": said})
    assert not re.search("Street|Jane", str(error.value))


@pytest.mark.parametrize("story", STORIES, ids=str)
def test_each_event_of_a_story_extends_the_types_that_it_follows(story: Any) -> None:
    """A step that consumes an event may take one that extends it for it: `PaymentCharged` is an `InventoryReserved`."""
    order = Told(story)
    for event in story.path:
        assert isinstance(read(event, order.known), OrderCreated)
    if "PaymentCharged" in story.path:
        assert isinstance(read("PaymentCharged", order.known), InventoryReserved)
