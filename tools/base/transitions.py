"""The state machine of the saga, derived from its event classes."""

from contract import Saga
from saga.event import Event

EVENTS: dict[str, type[Event]] = Saga.events
"""Every event by its detail-type."""

EVENT_OF_STATUS: dict[str, type[Event]] = {event.status: event for event in EVENTS.values()}
"""Every event by the status that it leads to."""

TRANSITIONS: frozenset[tuple[str | None, str]] = frozenset(
    (before.status if before else None, event.status)
    for event in EVENTS.values()
    for before in event.follows or (None,)
)
"""Every allowed transition as (status before, status after); None is before the first event."""

TERMINAL: frozenset[str] = frozenset(event.status for event in EVENTS.values() if event.terminal)
"""The final statuses."""


def is_path(statuses: list[str]) -> bool:
    """Return whether a saga may have gone through exactly these statuses, from its first event on."""
    return all(move in TRANSITIONS for move in zip([None, *statuses], statuses, strict=False))
