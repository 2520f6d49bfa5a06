"""Which way an order goes with an event: what its class says, and no part of its name."""

from typing import ClassVar

import pytest

from saga.event import Event
from tools.base.events import Direction, direction_of
from tools.base.transitions import EVENTS
from tools.operating.timeline import colour_of

FAILURES = {"InventoryFailed", "PaymentFailed", "PaymentAbandoned", "ShippingFailed", "RefundRefused"}
COMPENSATIONS = {"PaymentRefunded", "InventoryReleased"}


@pytest.mark.parametrize("name", EVENTS)
def test_each_event_of_the_saga_has_its_direction(name: str) -> None:
    expected = Direction.SUCCESS
    if name in FAILURES:
        expected = Direction.FAILURE
    if name in COMPENSATIONS:
        expected = Direction.COMPENSATION
    assert direction_of(EVENTS[name]) is expected


def test_an_event_that_only_leads_back_is_a_failure_whatever_its_name() -> None:
    done = stub()
    refused = stub(done)
    undone = stub(refused, compensates=done)
    goes_on = stub(done)
    events = [done, refused, undone, goes_on]
    assert [direction_of(event, events) for event in events] == ["success", "failure", "compensation", "success"]


def test_a_status_has_the_colour_of_its_event_and_an_unknown_one_has_none() -> None:
    said = {status: colour_of(status) for status in ("CREATED", "SHIPPING_SCHEDULED", "SHIPPING_FAILED")}
    assert said == {"CREATED": "green", "SHIPPING_SCHEDULED": "bold green", "SHIPPING_FAILED": "red"}
    assert (colour_of("INVENTORY_RELEASED"), colour_of("NOT_FAILED_YET")) == ("yellow", "default")


def stub(*before: type[Event], compensates: type[Event] | None = None) -> type[Event]:
    """Return what is like an event class, and is registered nowhere."""

    class Stub:
        model_fields: ClassVar[dict[str, object]] = {}
        follows: ClassVar[tuple[type[Event], ...]] = before
        terminal: ClassVar[bool] = False

    Stub.compensates = compensates  # type: ignore[attr-defined]
    return Stub  # type: ignore[return-value]
