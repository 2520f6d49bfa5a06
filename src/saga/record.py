"""The record of a saga: what the table holds of it, and the outbox of its events."""

import json
from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Annotated, Any, Self, cast

from pydantic import AfterValidator, ConfigDict, PrivateAttr, ValidationInfo

from saga.event import Event, Timestamp
from saga.value import Value

SHARD = "inFlight"
"""The attribute that puts a record into the in-flight index; only the index needs it."""
EXPIRES = "expiresAt"
"""The attribute that says when DynamoDB may delete the record, in seconds; only DynamoDB needs it."""


def _current(status: str, info: ValidationInfo) -> str:
    by_status = cast("type[Event]", info.context).by_status
    return by_status[status].status if status in by_status else status


Status = Annotated[str, AfterValidator(_current)]
"""A status; one of an older release is read as what it is called now."""


class StatusChange(Value):
    """One entry of a history: the status that the saga took, and when."""

    status: Status
    at: Timestamp


class Mark(Value):
    """One entry of the marks: what was done to the saga from outside, when, and of operators who and why."""

    mark: str
    at: Timestamp
    by: str | None = None
    why: str | None = None


class Record(Value):
    """What all events of one saga carried so far, its status and its history, oldest first.

    The fields of the events are kept as JSON has them, camelCase, in `model_extra`.
    """

    model_config = ConfigDict(extra="allow")

    created_at: Timestamp
    status: Status
    updated_at: Timestamp
    history: tuple[StatusChange, ...]
    stopped: str | None = None
    """Why the saga is to be given up, in words that anybody may read; never taken back."""
    held: Timestamp | None = None
    """Since when the saga's status is not to move."""
    marks: tuple[Mark, ...] | None = None
    """All that was done to the saga from outside, oldest first."""
    _root: type[Event] = PrivateAttr()

    @classmethod
    def from_item(cls, item: Mapping[str, Any], root: type[Event]) -> Self:
        """Return the record of an item of the table, read into Python's types, of the saga with this root.

        Raises `pydantic.ValidationError`.
        """
        stored = {name: value for name, value in item.items() if name not in {SHARD, EXPIRES}}
        return cls.model_validate_json(json.dumps(stored, default=_plain), context=root)

    def model_post_init(self, context: Any) -> None:
        """Keep the root: it knows the events of the statuses."""
        self._root = context

    @property
    def key_name(self) -> str:
        """The name of the key, camelCase."""
        return self._root.key_name

    @property
    def key(self) -> str:
        """The value of the key."""
        key: str = (self.model_extra or {})[self.key_name]
        return key

    @property
    def is_terminal(self) -> bool:
        """Whether the saga has ended."""
        return self.status in self._root.by_status and self._root.by_status[self.status].terminal

    @property
    def waits(self) -> bool:
        """Whether the saga waits for somebody outside."""
        return self.status in self._root.by_status and self._root.by_status[self.status].waits

    def public_fields(self) -> dict[str, Any]:
        """Return the fields without marks: who set them, and in which words, is not everybody's business."""
        return {name: value for name, value in self.fields().items() if name not in {"stopped", "held", "marks"}}

    def event(self) -> Event:
        """Return the event of the current status, byte for byte as it was published.

        Raises `KeyError` if no event leads to the status, `pydantic.ValidationError` if the record lacks a field.
        """
        return self._root.by_status[self.status].from_fields(self.fields())

    def passed(self, events: Collection[type[Event]]) -> str | None:
        """Return the status among those of `events` that the saga went through, None if it went through none."""
        statuses = {event.status for event in events}
        return next((change.status for change in self.history if change.status in statuses), None)


def _plain(value: Any) -> Any:
    """Return what JSON can hold of a type that DynamoDB has and JSON has not; sagas store whole numbers only."""
    if isinstance(value, Decimal):
        return int(value) if value == int(value) else float(value)
    return sorted(value, key=str) if isinstance(value, set) else str(value)
