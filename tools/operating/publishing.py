"""The tools' way onto the event bus: the one place that puts events there."""

from contract import Saga
from tools.base.problem import ProblemError
from tools.base.stack import Stack


def publish(stack: Stack, detail_type: str, detail: str) -> str:
    """Put an event on the stack's bus, its detail as JSON, and return the id that EventBridge gave it.

    Raises `ProblemError` if EventBridge refused it: PutEvents answers 200 even then, and counts it in
    `FailedEntryCount` (Amazon EventBridge API Reference, "PutEvents").
    """
    answer = stack.client("events").put_events(
        Entries=[
            {
                "EventBusName": stack.output("EventBusName"),
                "Source": Saga.source,
                "DetailType": detail_type,
                "Detail": detail,
            }
        ]
    )
    (entry,) = answer["Entries"]
    if answer["FailedEntryCount"]:
        raise ProblemError(
            f"EventBridge did not publish {detail_type}: {entry.get('ErrorCode')}: {entry.get('ErrorMessage')}"
        )
    return entry["EventId"]
