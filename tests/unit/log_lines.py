"""The log lines of one order, as the functions write them, at times that a test chooses."""

from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any

from tests.unit.stories import CONSUMED_BY, PLACED, PUBLISHED_BY

Event = tuple[str, str]
"""An event's detail-type and id."""
FUNCTIONS = {f"stack-{name}-1A2B": name for name in {*chain.from_iterable(PUBLISHED_BY.values()), "RecoverOrders"}}
"""The functions' names in the template by their names on AWS."""


def after(seconds: float) -> datetime:
    """Return the time so many seconds after the order was placed."""
    return PLACED + timedelta(seconds=seconds)


def line(message: str, function: str, at: float, **said: Any) -> dict[str, Any]:
    """Return a line that a function wrote, so many seconds after the order was placed."""
    # As Powertools writes a time.
    time = after(at).astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S,%f")[:-3] + "+0000"
    origin = {"function_name": f"stack-{function}-1A2B", "xray_trace_id": f"1-{function}"}
    return {"level": "INFO", "message": message, "event": message, "timestamp": time, **origin, **said}


def announced(event_id: str, at: float = 0.1) -> dict[str, Any]:
    """Return CreateOrder's line."""
    return line("saga started", "CreateOrder", at, published="OrderCreated", publishedId=event_id)


def recovered(event: Event, at: float) -> dict[str, Any]:
    """Return RecoverOrders' line."""
    return line("event recovered", "RecoverOrders", at, published=event[0], publishedId=event[1])


def step(consumed: Event, published: Event | None, at: float, delivery: str = "first", **said: Any) -> dict[str, Any]:
    """Return the line of the step that consumes this event."""
    event, event_id = published or (None, None)
    told = {
        "consumed": consumed[0],
        "consumedId": consumed[1],
        "published": event,
        "publishedId": event_id,
        "milliseconds": 50.0,
    }
    return line("step", CONSUMED_BY[consumed[0]], at, delivery=delivery, **(told | said))


def failed(consumed: Event, at: float, reason: str = "ClientError: no", **said: Any) -> dict[str, Any]:
    """Return the line of the step that consumes this event, and failed."""
    told = {"consumed": consumed[0], "consumedId": consumed[1], "reason": reason, "milliseconds": 50.0}
    return line("step failed", CONSUMED_BY[consumed[0]], at, **(told | said))


CREATED, RESERVED, CHARGED, SHIPPED = (
    ("OrderCreated", "id-0"),
    ("InventoryReserved", "id-1"),
    ("PaymentCharged", "id-2"),
    ("ShippingScheduled", "id-3"),
)
HAPPY_LINES = (
    announced("id-0"),
    step(CREATED, RESERVED, 1.01),
    step(RESERVED, CHARGED, 2.01),
    step(CHARGED, SHIPPED, 3.01),
)
"""Of an order that goes well, a step a second, as `Told.record` has it."""
