"""What a provider says may have any length and any characters: it is cut to fit where it enters, and never raises."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.events import InventoryReserved, PaymentCharged
from contract.values import MOST_OF_A_REASON, MOST_OF_A_REFERENCE
from payments.gateway import Never, Paid, Payment, Pending, Refused, Voided
from saga.event import Event
from shipping import provider as carriers
from shipping.carrier import Booked, Shipment
from shipping.carrier import Refused as ShipmentRefused
from tests.contract.contracts_validation import SCHEMAS, faults
from tests.unit.moto_stack import Log
from tests.unit.stories import HAPPY, Told
from tests.unit.world import World
from tools.base.transitions import EVENTS

NO_TEXT: Any = 4711
"""What a carrier's JSON may hold for a tracking number."""
ADDRESS = "1 Long Street, Jane Doe"
ANYTHING: st.SearchStrategy[Any] = st.one_of(
    st.text(st.characters()),
    st.text(st.characters(), min_size=120, max_size=600),
    st.none(),
    st.integers(),
    st.binary(),
    st.lists(st.text()),
    st.sampled_from(["\ud800", "\x00", "\u2028" * 300, " ", "x" * 255, "…", "é" * 256]),
)


def published(name: str, **added: Any) -> dict[str, Any]:
    """Return an event with what a provider said, as it goes on the bus."""
    detail = Told(HAPPY).detail("OrderCreated") | {"reservationId": "r", "paymentId": "p", "failureReason": "f"}
    event: Event = EVENTS[name].from_fields(detail | added)
    return dict(json.loads(event.detail()))


@given(said=ANYTHING)
def test_whatever_a_provider_says_makes_an_event_that_its_schema_takes(said: Any) -> None:
    for name, added in (
        ("PaymentFailed", {"failureReason": Refused(said).reason}),
        ("PaymentCharged", {"paymentId": Paid(said).payment_id}),
        ("ShippingFailed", {"failureReason": ShipmentRefused(said).reason}),
        ("ShippingScheduled", {"trackingNumber": Booked(said).tracking_number}),
        ("RefundRefused", {"refundFailureReason": Never(said).reason}),
        ("PaymentRefunded", {"refundId": Voided(said).refund_id or "derived"}),
        ("PaymentPending", {"nextActionUrl": url} if (url := Pending(said).next_action_url) else {}),
    ):
        assert faults(SCHEMAS[name], published(name, **added)) == [], name


@pytest.mark.parametrize(
    ("said", "reason", "reference"),
    [
        ("card declined", "card declined", "card declined"),
        ("", "no reason given", "none"),
        (None, "no reason given", "none"),
        ("\x00 \n", "no reason given", "none"),
        (17, "17", "17"),
        ("a\nb\x00c\ud800d", "a b c d", "a b c d"),
        ("x" * 128, "x" * 128, "x" * 128),
        ("x" * 255, "x" * 255, "x" * 127 + "…"),
        ("x" * 256, "x" * 256, "x" * 127 + "…"),
        ("x" * 257, "x" * 255 + "…", "x" * 127 + "…"),
        ("x" * 129, "x" * 129, "x" * 127 + "…"),
        ("x" * 100 + " " * 300 + "y", "x" * 100 + "…", "x" * 100 + "…"),
        ("\u2028a\u2029\x9f\x7fb\x80\udfff", "a b", "a b"),
    ],
    ids=repr,
)
def test_what_does_not_fit_is_cut_and_what_is_missing_is_told(said: Any, reason: str, reference: str) -> None:
    assert (Refused(said).reason, Paid(said).payment_id) == (reason, reference)
    assert (len(reason) <= MOST_OF_A_REASON, len(reference) <= MOST_OF_A_REFERENCE) == (True, True)


@pytest.mark.parametrize(
    ("answer", "event", "status"),
    [
        (ShipmentRefused(ADDRESS * 100), "ShippingFailed", "SHIPPING_FAILED"),
        (ShipmentRefused(""), "ShippingFailed", "SHIPPING_FAILED"),
        (Booked("9" * 255), "ShippingScheduled", "SHIPPING_SCHEDULED"),
        (Booked(NO_TEXT), "ShippingScheduled", "SHIPPING_SCHEDULED"),
    ],
    ids=["a long refusal", "an empty refusal", "a long number", "a number that is no text"],
)
def test_no_answer_of_a_carrier_strands_an_order(
    world: World, monkeypatch: pytest.MonkeyPatch, answer: Booked | ShipmentRefused, event: str, status: str
) -> None:
    monkeypatch.setattr(carriers.adapter, "book", lambda _shipment: answer)
    order = world.begin(HAPPY, at=2)
    world.deliver("PaymentCharged", order.detail("PaymentCharged"))
    record = world.stack.record(order.order_id)
    assert record is not None
    assert (world.published[0].detail_type, record["status"]) == (event, status)


def test_no_line_and_no_error_holds_what_an_invalid_answer_said(
    world: World, monkeypatch: pytest.MonkeyPatch, log: Log
) -> None:
    """An adapter that is worse than its types: its answer fails the step, and the text goes nowhere."""
    careless = Booked("1")
    object.__setattr__(careless, "tracking_number", ADDRESS * 100)

    def book(_shipment: Shipment) -> Booked:
        return careless

    monkeypatch.setattr(carriers.adapter, "book", book)
    order = world.begin(HAPPY, at=2)
    with pytest.raises(ValueError, match="tracking_number") as failure:
        world.deliver("PaymentCharged", order.detail("PaymentCharged"))
    assert "Jane Doe" not in str(failure.value) + log.text
    assert "tracking_number" in log.text


@pytest.mark.parametrize(
    ("said", "page"),
    [
        ("https://pay.example/" + "x" * 2_028, True),
        ("https://pay.example/" + "x" * 2_029, False),
        ("http://pay.example", True),
        ("https://pay.example/a b", False),
        ("see https://pay.example", False),
        ("https://", False),
        (b"https://pay.example", False),
        (None, False),
    ],
    ids=lambda said: repr(said)[-20:],
)
def test_only_a_whole_address_is_a_page(said: Any, *, page: bool) -> None:
    assert Pending(said).next_action_url == (said if page else None)


@pytest.mark.parametrize(
    ("payment_id", "asked_by"),
    [("pi_1", "pi_1"), ("none", None), ("x" * 127 + "…", None), ("pi_…1", "pi_…1")],
)
def test_a_payment_is_asked_for_by_the_providers_id_if_that_is_whole(payment_id: str, asked_by: str | None) -> None:
    detail = Told(HAPPY).detail("PaymentCharged") | {"paymentId": payment_id}
    assert Payment.of(PaymentCharged.from_fields(detail)).provider_id == asked_by


def test_a_payment_is_the_orders_own() -> None:
    reserved = InventoryReserved.from_fields(Told(HAPPY, order_id="order-1").detail("InventoryReserved"))
    assert Payment.of(reserved) == Payment("order-1", "CUST-1", 4999, "USD", "pm_order-1")
