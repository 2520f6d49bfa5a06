"""What an event's class says: the fields that it adds, and which way an order goes with it."""

from collections.abc import Collection
from enum import StrEnum

from pydantic.alias_generators import to_camel

from contract import Saga
from saga.event import Event
from tools.base.transitions import EVENTS

FIRST = next(event for event in EVENTS.values() if not event.follows)
"""The event with which a saga starts."""
KEY = Saga.key_name
"""The field that says which saga an event is of: the key of the records' table, `orderId`."""
NOUN = Saga.key_field.removesuffix("_id")
"""What the saga is about, in a word: `order`, by the name of its key."""
A_NOUN = f"{'an' if NOUN[0] in 'aeiou' else 'a'} {NOUN}"
"""That word with its article: `an order`."""
RECORDS_TABLE = f"{NOUN.title()}sTableName"
"""The stack's output that names the table of the records: `OrdersTableName`."""
REASON = "failureReason"
"""The field in which an event says why something failed."""


def added(event: type[Event]) -> tuple[str, ...]:
    """Return the fields, camelCase, that an event adds to those that all events before it carry."""
    carried = [set(before.model_fields) for before in event.follows]
    known = set.intersection(*carried) if carried else set()
    return tuple(to_camel(name) for name in event.model_fields if name not in known)


class Direction(StrEnum):
    """Which way an order goes."""

    SUCCESS = "success"
    FAILURE = "failure"
    COMPENSATION = "compensation"

    @property
    def colour(self) -> str:
        """The colour in which a terminal shows it."""
        return {"success": "green", "failure": "red", "compensation": "yellow"}[self]


def direction_of(event: type[Event], events: Collection[type[Event]] = tuple(EVENTS.values())) -> Direction:
    """Return which way an order goes with an event, among all `events` of its saga.

    An event fails that says a reason which none before it had, and one after which there are only compensations.
    """
    if event.compensates:
        return Direction.COMPENSATION
    if REASON in added(event):
        return Direction.FAILURE
    after = [other for other in events if event in other.follows]
    leads_back = after and all(direction_of(other, events) is not Direction.SUCCESS for other in after)
    return Direction.FAILURE if leads_back else Direction.SUCCESS
