"""What the live tail shows of an event, in one line."""

from typing import Any

import pytest
from rich.style import Style
from rich.text import Text

from tests.unit.placed import ORDER, envelope
from tools.base.events import added
from tools.base.transitions import EVENTS
from tools.operating.watch.line import ORDER_COLOURS, Lines, colour_of_order, in_the_flow

RESERVED = ORDER | {"reservationId": "R-1"}


def style_of(line: Text, part: str) -> str:
    """Return the style that a part of a line has."""
    start = line.plain.index(part)
    return next(str(span.style) for span in line.spans if span.start <= start < span.end)


def test_a_line_tells_when_of_which_order_what_happened_and_what_it_added() -> None:
    lines = Lines()
    story = [
        envelope("OrderCreated"),
        envelope("InventoryReserved", RESERVED, "2026-01-31T09:30:01Z"),
        envelope("PaymentFailed", RESERVED | {"failureReason": "card declined"}, "2026-01-31T09:30:02Z"),
        envelope("InventoryReleased", RESERVED | {"failureReason": "card declined"}, "2026-01-31T10:30:03+01:00"),
    ]
    assert [lines.draw(event).plain for event in story] == [
        (
            '09:30:00Z 3f2b8c1e OrderCreated      orderId="3f2b8c1e-0000-4000-8000-000000000001" '
            'createdAt="2026-01-31T09:30:00.125Z" customerId="CUST-1" sku="BOOK" quantity=1 amount=4200 currency="USD" '
            "1a2b3c4d"
        ),
        '09:30:01Z 3f2b8c1e InventoryReserved reservationId="R-1" 1a2b3c4d',
        '09:30:02Z 3f2b8c1e PaymentFailed     failureReason="card declined" 1a2b3c4d',
        "09:30:03Z 3f2b8c1e InventoryReleased 1a2b3c4d",
    ]


def test_an_order_whose_beginning_was_not_seen_shows_its_whole_id_once() -> None:
    lines, charged = Lines(), envelope("PaymentCharged", RESERVED | {"paymentId": "P-1"})
    assert f'orderId="{ORDER["orderId"]}" paymentId="P-1"' in lines.draw(charged).plain
    assert "orderId" not in lines.draw(charged).plain


@pytest.mark.parametrize(
    ("event", "fields"),
    [
        ("InventoryReserved", ("reservationId",)),
        ("PaymentAbandoned", ("failureReason",)),
        ("PaymentRefunded", ("refundId",)),
        ("InventoryReleased", ()),
        ("ShippingScheduled", ("trackingNumber",)),
    ],
)
def test_an_event_adds_what_its_predecessors_do_not_all_carry(event: str, fields: tuple[str, ...]) -> None:
    assert added(EVENTS[event]) == fields


def test_an_order_keeps_its_colour_and_others_have_others() -> None:
    one, other = (str(number) * 36 for number in (1, 2))
    colours = {
        style_of(Lines().draw(envelope(event, ORDER | {"orderId": one})), one[:8])
        for event in ("OrderCreated", "PaymentFailed")
    }
    assert colours == {colour_of_order(one)}
    assert colour_of_order(other) != colour_of_order(one)
    assert {colour_of_order(str(number)) for number in range(500)} == set(ORDER_COLOURS)


def test_the_colours_of_orders_are_colours() -> None:
    assert len({Style.parse(colour).color for colour in ORDER_COLOURS}) == len(ORDER_COLOURS)


def test_what_goes_well_is_green_a_refusal_red_and_a_compensation_yellow() -> None:
    refused = RESERVED | {"failureReason": "card declined"}
    styles = {
        name: style_of(Lines().draw(envelope(name, detail)), name)
        for name, detail in [("OrderCreated", ORDER), ("PaymentFailed", refused), ("InventoryReleased", refused)]
    }
    assert styles == {"OrderCreated": "green", "PaymentFailed": "red", "InventoryReleased": "yellow"}


@pytest.mark.parametrize(
    ("detail_type", "detail", "shown"),
    [
        (
            "OrderCreated",
            {"orderId": "o-1", "amount": "a lot"},
            'o-1      OrderCreated      malformed orderId="o-1" amo',
        ),
        ("OrderLost", {"orderId": "o-1", "why": [1]}, 'o-1      OrderLost         malformed orderId="o-1" why=[1]'),
        ("OrderCreated", {"amount": 1}, "unknown  OrderCreated      malformed amount=1"),
        ("OrderCreated", ["orderId"], "unknown  OrderCreated      malformed 1a2b3c4d"),
    ],
)
def test_a_malformed_event_is_called_so_and_shown_as_it_is(detail_type: str, detail: Any, shown: str) -> None:
    line = Lines().draw(envelope(detail_type, detail))
    assert shown in line.plain
    assert style_of(line, detail_type) == "red"


def test_no_control_character_gets_to_the_terminal() -> None:
    evil = "\x1b[2J\x9b31m\r\n"
    line = Lines().draw(envelope(evil, {"orderId": evil, evil: evil}) | {"id": evil})
    assert line.plain.isprintable()


def test_what_comes_together_is_put_in_the_flows_order() -> None:
    early, late = "2026-01-31T09:30:00Z", "2026-01-31T09:30:01Z"
    came = [
        envelope("InventoryReleased", {"orderId": "2"}, late),
        envelope("PaymentCharged", {"orderId": "1"}, late),
        envelope("PaymentRefunded", {"orderId": "2"}, late),
        envelope("OrderCreated", {"orderId": "1"}, early),
        envelope("InventoryReserved", {"orderId": "1"}, late),
        envelope("Unheard", [], late),
        envelope("ShippingFailed", {"orderId": "2"}, early),
    ]
    assert [event["detail-type"] for event in sorted(came, key=in_the_flow)] == [
        "OrderCreated",
        "ShippingFailed",
        "InventoryReserved",
        "PaymentCharged",
        "PaymentRefunded",
        "InventoryReleased",
        "Unheard",
    ]
