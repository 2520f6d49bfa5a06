"""Replays the bus's archive: every event of a time, once more, to whoever consumes it."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from saga.clock import now
from tools.base.console import console, problems, styled
from tools.base.problem import ProblemError
from tools.base.stack import Stack
from tools.base.waiting import wait_for
from tools.emulator.adapter import Feature
from tools.emulator.backends import adapter
from tools.operating.archive import archive_arn

ARRIVAL = timedelta(minutes=10)
"""How long an event may take to reach the archive (Amazon EventBridge User Guide, "Archiving events")."""
PATIENCE = 3600
"""Seconds that a replay is watched."""


def replay(stack: Stack, start: datetime, end: datetime) -> str:
    """Start a replay of what was published from `start` to `end`, watch it, and return how it ended.

    Events go to the rules of this stack alone, whoever else has one on the bus. Safe at any time: what is finished
    stays as it is, and no money moves. Raises `ProblemError` if the stack has no archive, if `end` is not after
    `start`, or if EventBridge refuses.
    """
    if end <= start:
        raise ProblemError(f"{end.isoformat()} is not after {start.isoformat()}: FROM comes before TO")
    place = adapter(stack.target)
    if lacking := place.lacks.get(Feature.REPLAY):
        raise ProblemError(f"{place.name} cannot replay: {lacking}; use the embedded emulator, BACKEND=embedded")
    if (archive := archive_arn(stack)) is None:
        raise ProblemError(
            f"the stack {stack.target.stack_name} has no archive: it gets one with `make deploy`, on AWS unless the "
            "parameter ArchiveDays is 0"
        )
    if not stack.target.endpoint and now() - end < ARRIVAL:
        problems.print(
            styled("[yellow]![/] events take up to 10 minutes to reach the archive: the last ones may be missed"),
            soft_wrap=True,
        )
    events = stack.client("events")
    name = f"{stack.target.stack_name}-{uuid4().hex[:8]}"
    events.start_replay(
        ReplayName=name,
        EventSourceArn=archive,
        EventStartTime=start,
        EventEndTime=end,
        Destination={
            "Arn": events.describe_event_bus(Name=stack.output("EventBusName"))["Arn"],
            "FilterArns": rules_of(stack),
        },
    )
    with console.status(f"replay {name}") as shown:

        def over() -> str | None:
            told = events.describe_replay(ReplayName=name)
            shown.update(f"replay {name}: {told['State']}, up to {told.get('EventLastReplayedTime', start)}")
            return None if told["State"] in {"STARTING", "RUNNING"} else told["State"]

        state = wait_for(over, seconds=PATIENCE, every=0.5 if stack.target.endpoint else 2)
    if state != "COMPLETED":
        raise ProblemError(f"replay {name} is {state or 'still running'}: see `aws events describe-replay`")
    return state


def rules_of(stack: Stack) -> list[str]:
    """Return the ARNs of the rules that the stack has on its bus."""
    pages = stack.client("cloudformation").get_paginator("list_stack_resources")
    names = {
        # CloudFormation has it as `bus|rule` on a bus of one's own.
        resource["PhysicalResourceId"].rpartition("|")[2]
        for page in pages.paginate(StackName=stack.target.stack_name)
        for resource in page["StackResourceSummaries"]
        if resource["ResourceType"] == "AWS::Events::Rule"
    }
    on_the_bus = stack.client("events").get_paginator("list_rules").paginate(EventBusName=stack.output("EventBusName"))
    return sorted(rule["Arn"] for page in on_the_bus for rule in page["Rules"] if rule["Name"] in names)


def time_of(text: str) -> datetime:
    """Read a time as ISO 8601, UTC if it names no zone. Raises `ProblemError` if it is none."""
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise ProblemError(f"{text!r} is not a time: write it as 2026-01-31T09:30:00Z") from None
    return time if time.tzinfo else time.replace(tzinfo=UTC)
