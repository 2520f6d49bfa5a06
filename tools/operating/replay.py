"""Replays the bus's archive: every event of a time, once more, to whoever consumes it."""

from datetime import UTC, datetime
from uuid import uuid4

from tools.base.console import console
from tools.base.problem import ProblemError
from tools.base.stack import Stack
from tools.base.waiting import wait_for

PATIENCE = 3600
"""Seconds that a replay is watched."""


def replay(stack: Stack, start: datetime, end: datetime) -> str:
    """Start a replay of what was published from `start` to `end`, watch it, and return how it ended.

    Safe at any time: what is finished stays as it is, and no money moves. Raises `ProblemError` if the stack has no
    archive, or if EventBridge refuses.
    """
    if "EventArchiveArn" not in stack.outputs:
        raise ProblemError(
            f"the stack {stack.target.stack_name} has no archive: the emulators have none; on AWS it gets one unless "
            "the parameter ArchiveDays is 0"
        )
    events = stack.client("events")
    name = f"{stack.target.stack_name}-{uuid4().hex[:8]}"
    events.start_replay(
        ReplayName=name,
        EventSourceArn=stack.output("EventArchiveArn"),
        EventStartTime=start,
        EventEndTime=end,
        Destination={"Arn": events.describe_event_bus(Name=stack.output("EventBusName"))["Arn"]},
    )
    with console.status(f"replay {name}") as shown:

        def over() -> str | None:
            told = events.describe_replay(ReplayName=name)
            shown.update(f"replay {name}: {told['State']}, up to {told.get('EventLastReplayedTime', start)}")
            return None if told["State"] in {"STARTING", "RUNNING"} else told["State"]

        state = wait_for(over, seconds=PATIENCE, every=2)
    if state != "COMPLETED":
        raise ProblemError(f"replay {name} is {state or 'still running'}: see `aws events describe-replay`")
    return state


def time_of(text: str) -> datetime:
    """Read a time as ISO 8601, UTC if it names no zone. Raises `ProblemError` if it is none."""
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise ProblemError(f"{text!r} is not a time: write it as 2026-01-31T09:30:00Z") from None
    return time if time.tzinfo else time.replace(tzinfo=UTC)
