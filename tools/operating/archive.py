"""The bus's archive on an emulator, where CloudFormation makes none.

MiniStack refuses the type AWS::Events::Archive in a template, but has the calls that make an archive and replay it.
"""

import json
from typing import Any

from botocore.exceptions import ClientError

from contract import Saga
from tools.base.stack import Stack
from tools.base.target import Target

DAYS = 1
"""How long an emulator's archive keeps events; they are gone anyway when it stops."""


def name_of(target: Target) -> str:
    """Return the name of a stack's archive on an emulator."""
    return f"{target.stack_name}-archive"


def keep_archive(stack: Stack) -> None:
    """Make the archive of the stack's bus, unless the stack or an earlier deployment has made it."""
    if "EventArchiveArn" in stack.outputs or archive_arn(stack):
        return
    events = stack.client("events")
    events.create_archive(
        ArchiveName=name_of(stack.target),
        EventSourceArn=events.describe_event_bus(Name=stack.output("EventBusName"))["Arn"],
        EventPattern=json.dumps({"source": [Saga.source]}),
        RetentionDays=DAYS,
    )


def archive_arn(stack: Stack) -> str | None:
    """Return the ARN of the stack's archive, None if it has none."""
    if "EventArchiveArn" in stack.outputs or not stack.target.endpoint:
        return stack.outputs.get("EventArchiveArn")
    found = _if_there(stack.target, "describe_archive")
    return found["ArchiveArn"] if found else None


def delete_archive(target: Target) -> None:
    """Delete the archive that `keep_archive` made, if there is one."""
    _if_there(target, "delete_archive")


def _if_there(target: Target, call: str) -> Any:
    try:
        return getattr(target.client("events"), call)(ArchiveName=name_of(target))
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise
        return None
