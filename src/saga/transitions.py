"""The state machine of an order, derived from the event classes and written nowhere else."""

from collections.abc import Iterator

from saga.events import Event


def _subclasses(event: type[Event]) -> Iterator[type[Event]]:
    for subclass in event.__subclasses__():
        yield subclass
        yield from _subclasses(subclass)


EVENTS: dict[str, type[Event]] = {event.detail_type: event for event in _subclasses(Event)}
"""Every event by its detail-type, `PaymentCharged`."""

EVENT_OF_STATUS: dict[str, type[Event]] = {event.status: event for event in EVENTS.values()}
"""Every event by the status that it gives the order, `PAYMENT_CHARGED`."""

TRANSITIONS: frozenset[tuple[str | None, str]] = frozenset(
    (before.status if before else None, event.status)
    for event in EVENTS.values()
    for before in event.follows or (None,)
)
"""Every allowed move of an order, as (status before, status after); None is before its creation."""

TERMINAL: frozenset[str] = frozenset(event.status for event in EVENTS.values() if event.terminal)
"""The final statuses."""


def is_path(statuses: list[str]) -> bool:
    """Tell whether an order may have gone through exactly these statuses, from its creation on."""
    return all(move in TRANSITIONS for move in zip([None, *statuses], statuses, strict=False))
