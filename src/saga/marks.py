"""Marks: how people intervene. Each is an attribute of a record, set by one conditional write.

`stopped` says that the saga is to be given up, and why; it can be set only before the pivot, and is never removed.
`held` says that the saga must stay at its status. The next step's own conditional write checks both; neither changes
the status. The record's `marks` list who set which, when and why.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from tenacity import retry, retry_if_exception_type, stop_after_delay, wait_random_exponential

from saga.aws import dynamodb
from saga.clock import iso, now
from saga.event import Event
from saga.record import SHARD
from saga.settings import settings
from saga.table import ConflictError, to_item

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import UpdateItemInputTypeDef


GIVEN_UP = "given up by an operator"
"""The reason for a saga that an operator gives up."""


class Act(StrEnum):
    """What somebody did to a saga, as its `marks` name it."""

    STOP = "stopped"
    HOLD = "held"
    RELEASE = "released"


class NotMarkedError(Exception):
    """There is no such record, it is too late for this, or it was done before."""


def stoppable(root: type[Event]) -> list[str]:
    """Return the statuses at which a saga with this root may be stopped, former ones included."""
    return [status for status, event in root.by_status.items() if event.stoppable]


@dataclass(frozen=True)
class Intervention:
    """What somebody does to a saga."""

    act: Act
    reason: str = GIVEN_UP
    """Why it is stopped, in words fit for anybody outside."""
    by: str | None = None
    """The operator."""
    why: str | None = None
    """The operator's reason, in free text."""

    def mark(self, at: datetime) -> dict[str, str]:
        """Return the entry of the record's marks."""
        said = {"by": self.by, "why": self.why}
        return {"mark": self.act.value, "at": iso(at), **{name: text for name, text in said.items() if text}}


def update(done: Intervention, table: str, key: str, root: type[Event], at: datetime) -> "UpdateItemInputTypeDef":
    """Return the write that sets a mark, or removes `held`; its condition fails if it would change nothing."""
    names: dict[str, str] = {"#marks": "marks"}
    values: dict[str, Any] = {":none": [], ":mark": [done.mark(at)]}
    added = "#marks = list_append(if_not_exists(#marks, :none), :mark)"
    match done.act:
        case Act.STOP:
            statuses = {f":status{number}": status for number, status in enumerate(stoppable(root))}
            expression = f"SET #stopped = :reason, {added}"
            condition = f"#status IN ({', '.join(statuses)}) AND attribute_not_exists(#stopped)"
            names |= {"#stopped": "stopped", "#status": "status"}
            values |= {":reason": done.reason, **statuses}
        case Act.HOLD:
            expression = f"SET #held = :at, {added}"
            condition = "attribute_exists(#inFlight) AND attribute_not_exists(#held)"
            names |= {"#held": "held", "#inFlight": SHARD}
            values |= {":at": iso(at)}
        case Act.RELEASE:
            expression = f"SET {added} REMOVE #held"
            condition = "attribute_exists(#held)"
            names |= {"#held": "held"}
    return {
        "TableName": table,
        "Key": to_item({root.key_name: key}),
        "UpdateExpression": expression,
        "ConditionExpression": condition,
        "ExpressionAttributeNames": names,
        "ExpressionAttributeValues": to_item(values),
    }


@retry(
    retry=retry_if_exception_type(ConflictError),
    wait=wait_random_exponential(multiplier=0.05, max=1),
    # A client waits for the response: API Gateway for 29 s.
    stop=stop_after_delay(3),
    reraise=True,
)
def put(done: Intervention, key: str, root: type[Event]) -> None:
    """Set a mark. Raises `NotMarkedError`; a conflict with a transaction is retried for 3 s (`ConflictError`)."""
    try:
        dynamodb().update_item(**update(done, settings().records_table_name, key, root, now()))
    except dynamodb().exceptions.ConditionalCheckFailedException as failure:
        raise NotMarkedError(f"{key} cannot be {done.act}") from failure
    except dynamodb().exceptions.TransactionConflictException as conflict:
        raise ConflictError(str(conflict)) from conflict
