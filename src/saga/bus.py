"""Publishes events on the bus."""

from saga.aws import events, make_at_start
from saga.event import Event
from saga.settings import settings

MAX_BATCH = 10
"""Events in one call, at most (Amazon EventBridge API Reference, "PutEvents")."""

make_at_start(events)


class PublishError(Exception):
    """EventBridge accepted the call but not every event; `ids` has None in the place of each rejected event."""

    def __init__(self, ids: list[str | None], message: str) -> None:
        super().__init__(message)
        self.ids = ids


def publish(*published: Event) -> list[str]:
    """Put up to `MAX_BATCH` events on the bus, and return the ids that EventBridge assigned.

    Raises `PublishError` naming the keys of the events that EventBridge rejected: PutEvents returns 200 even then, and
    counts them in `FailedEntryCount`. Raises botocore's errors if the call itself failed.
    """
    answer = events().put_events(
        Entries=[
            {
                "EventBusName": settings().event_bus_name,
                "Source": event.source,
                "DetailType": event.detail_type,
                "Detail": event.detail(),
            }
            for event in published
        ]
    )
    if answer["FailedEntryCount"]:
        refused = "; ".join(
            f"{event.detail_type} of {event.key}: {entry['ErrorCode']}: {entry.get('ErrorMessage')}"
            for event, entry in zip(published, answer["Entries"], strict=True)
            if "ErrorCode" in entry
        )
        raise PublishError([entry.get("EventId") for entry in answer["Entries"]], f"not published: {refused}")
    return [entry["EventId"] for entry in answer["Entries"]]
