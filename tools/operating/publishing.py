"""The tools' way onto the event bus: the one place that puts events there."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from contract import Saga
from tools.base.problem import ProblemError
from tools.base.stack import Stack

if TYPE_CHECKING:
    from mypy_boto3_events.type_defs import PutEventsResultEntryTypeDef

AT_ONCE = 10
"""Events that one call takes (Amazon EventBridge API Reference, "PutEvents")."""
MOST = 200_000
"""Bytes of details that one call is given; it takes 256 KB in all, and in newer accounts more."""
Event = tuple[str, str]
"""A detail-type, and a detail as JSON."""


class Publisher:
    """Puts events on the bus of a stack. PutEvents answers 200 even if it refused some, and counts these."""

    def __init__(self, stack: Stack) -> None:
        self._events, self._bus = stack.client("events"), stack.output("EventBusName")

    def publish_all(self, events: Sequence[Event]) -> list[str | None]:
        """Publish the events in as few calls as take them; return their ids, None for one that was refused."""
        return [entry.get("EventId") for batch in _batches(events) for entry in self._put(batch)]

    def publish(self, event: Event) -> str:
        """Publish an event and return its id. Raises `ProblemError` if EventBridge refused it."""
        (entry,) = self._put([event])
        if "EventId" not in entry:
            raise ProblemError(
                f"EventBridge did not publish {event[0]}: {entry.get('ErrorCode')}: {entry.get('ErrorMessage')}"
            )
        return entry["EventId"]

    def _put(self, events: Sequence[Event]) -> "list[PutEventsResultEntryTypeDef]":
        return self._events.put_events(
            Entries=[
                {"EventBusName": self._bus, "Source": Saga.source, "DetailType": detail_type, "Detail": detail}
                for detail_type, detail in events
            ]
        )["Entries"]


def publish(stack: Stack, detail_type: str, detail: str) -> str:
    """Put one event on the stack's bus and return its id. Raises `ProblemError` if EventBridge refused it."""
    return Publisher(stack).publish((detail_type, detail))


def _batches(events: Sequence[Event]) -> Iterator[list[Event]]:
    batch, size = list[Event](), 0
    for event in events:
        more = len(event[1].encode(errors="replace"))
        if batch and (len(batch) == AT_ONCE or size + more > MOST):
            yield batch
            batch, size = [], 0
        batch.append(event)
        size += more
    if batch:
        yield batch
