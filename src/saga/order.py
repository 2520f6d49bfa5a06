"""The order as the table holds it: the record that is also the saga's outbox."""

from collections.abc import Collection
from typing import Any, Self

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from saga.events import Event, OrderId, Timestamp
from saga.transitions import EVENT_OF_STATUS, TERMINAL


class StatusChange(BaseModel):
    """One entry of an order's history: the status it took, and when."""

    model_config = ConfigDict(frozen=True)

    status: str
    at: Timestamp


class Order(BaseModel):
    """An order's record: what all its events carried so far, its status and its history, oldest first.

    The fields of the events are kept as they are on the wire, camelCase, in `model_extra`.
    """

    model_config = ConfigDict(
        alias_generator=to_camel, validate_by_name=True, serialize_by_alias=True, frozen=True, extra="allow"
    )

    order_id: OrderId
    created_at: Timestamp
    status: str
    updated_at: Timestamp
    history: tuple[StatusChange, ...]

    @classmethod
    def from_item(cls, item: dict[str, Any]) -> Self:
        """Read the record from a DynamoDB item with plain Python values; what only the index needs is left out."""
        return cls.model_validate({name: value for name, value in item.items() if name != "inFlight"})

    @property
    def is_terminal(self) -> bool:
        """Tell whether the order reached a final status."""
        return self.status in TERMINAL

    def event(self) -> Event:
        """Rebuild the event of the current status, byte for byte as it was published."""
        return EVENT_OF_STATUS[self.status].model_validate(self.model_dump(), strict=False)

    def passed(self, events: Collection[type[Event]]) -> str | None:
        """Give the status among those of `events` that the order went through, None if it went through none."""
        statuses = {event.status for event in events}
        return next((change.status for change in self.history if change.status in statuses), None)
