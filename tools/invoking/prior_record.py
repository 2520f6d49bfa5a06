"""The record of an order as the steps before a sample event would have left it.

A step acts on an order that the table holds: one that an event was made up for is not there. The record that the steps
before would have left follows from the event: each event carries the fields of those before it, the type chain says
which these were, and ids follow from the order's id.
"""

from datetime import datetime, timedelta
from typing import Any

from pydantic.alias_generators import to_camel

from contract.identity import derived_id
from saga.clock import iso
from saga.event import Event
from saga.table import shard_of
from tools.base.transitions import TERMINAL


def record_after(consumed: Event, at: datetime) -> dict[str, Any]:
    """Return the order's item after an event; what followed the order's creation happened at `at`."""
    path = path_to(consumed)
    history = [{"status": kind.status, "at": iso(at if kind.follows else consumed.created_at)} for kind in path]
    item = _fields(path, consumed) | {"status": consumed.status, "updatedAt": history[-1]["at"], "history": history}
    return item if consumed.status in TERMINAL else item | {"inFlight": shard_of(consumed.key)}


def path_to(consumed: Event) -> list[type[Event]]:
    """Return the events of an order up to this one, oldest first."""
    path = [type(consumed)]
    while path[0].follows:
        # Where it may follow several, any of them makes a history that the saga allows.
        path.insert(0, path[0].follows[0])
    return path


def placed(consumed: Event, at: datetime, deadline: timedelta) -> Event:
    """Return the event as if its order had been placed at `at`, if it is so old that the steps would give it up."""
    return consumed.model_copy(update={"created_at": at}) if consumed.is_older_than(deadline) else consumed


def _fields(path: list[type[Event]], consumed: Event) -> dict[str, Any]:
    """Return the event's fields, and the ids of what was done before and taken back since: the record keeps them."""
    fields = consumed.fields()
    for name in [name for kind in path for name in kind.model_fields if name.endswith("_id")]:
        fields.setdefault(to_camel(name), derived_id(name.removesuffix("_id"), consumed.key))
    return fields
