"""How operators intervene: they give orders up, hold them and release them, one or many."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from botocore.exceptions import ClientError
from pydantic import ValidationError

from contract import Saga
from saga.clock import iso, now
from saga.marks import Act, Intervention, update
from saga.record import Record
from saga.table import from_item, to_item
from tools.base.events import A_NOUN, KEY, NOUN, RECORDS_TABLE
from tools.base.problem import ProblemError
from tools.base.stack import Stack
from tools.base.transitions import EVENT_OF_STATUS
from tools.operating.in_flight import InFlight
from tools.operating.publishing import Publisher

TOGETHER = 8
"""Calls that are under way at the same time."""
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
LAST_RELEASE, RUNS = "LastRelease", "runs"


@dataclass(frozen=True)
class Outcome:
    """What became of one order: whether it was marked, and what there is to say of it."""

    order_id: str
    done: bool
    said: str


class Operator:
    """Somebody who intervenes in the orders of a stack. Raises `ProblemError` while the last release runs there."""

    def __init__(self, stack: Stack) -> None:
        if stack.parameters.get(LAST_RELEASE) == RUNS:
            raise ProblemError(
                "the last release runs there beside this one, and its steps heed no mark: deploy "
                f"{LAST_RELEASE}=repeated first (docs/deploying.md)"
            )
        self._stack, self._table = stack, stack.output(RECORDS_TABLE)
        self._dynamodb, self._publisher = stack.client("dynamodb"), Publisher(stack)

    @property
    def name(self) -> str:
        """Who this is: what the order's record says of them."""
        return self._stack.client("sts").get_caller_identity()["Arn"]

    def intervene(
        self, act: Act, why: str, keys: Sequence[str], progress: Callable[[int], object] = lambda _more: None
    ) -> list[Outcome]:
        """Do this to each order, and return what became of it."""
        done = Intervention(act, by=self.name, why=why)
        with ThreadPoolExecutor(TOGETHER) as together:
            outcomes = list[Outcome]()
            for outcome in together.map(partial(self._intervene, done), keys):
                outcomes.append(outcome)
                progress(1)
        return outcomes

    def those(self, act: Act, status: str, older: timedelta) -> list[str]:
        """Return the ids of the orders in flight at this status that are older and to which this can be done.

        Raises `ProblemError` if there is no such status.
        """
        if status not in EVENT_OF_STATUS:
            raise ProblemError(f"there is no status {status}: choose one of {', '.join(EVENT_OF_STATUS)}")
        if act is Act.STOP and not EVENT_OF_STATUS[status].stoppable:
            raise ProblemError(f"at {status} {A_NOUN} can no longer be given up: see the runbook")
        records = InFlight(self._stack).records(older)
        return [record.key for record in records if record.status == status and _is_to_be(act, record)]

    def _intervene(self, done: Intervention, key: str) -> Outcome:
        try:
            self._dynamodb.update_item(**update(done, self._table, key, Saga, now()))
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise
            return Outcome(key, done=False, said=_refusal(done.act, self._read(key)))
        match done.act:
            case Act.STOP:
                said = "its next step gives it up, or recovery's next run makes it"
            case Act.HOLD:
                said = "it stays where it is until it is released; held time counts to its deadline"
            case Act.RELEASE:
                said = self._publish(key)
        return Outcome(key, done=True, said=said)

    def _publish(self, key: str) -> str:
        """Publish the current event of an order that was released; return what there is to say of it."""
        no_event = "its record makes no event, so that none is published: see the runbook"
        record = self._read(key)
        if record is None:
            return no_event
        if record.is_terminal:
            return "it has ended"
        try:
            event = record.event()
        except (KeyError, ValidationError):
            return no_event
        self._publisher.publish((event.detail_type, event.detail()))
        if event.stoppable and now() - record.created_at > self._deadline(waits=event.waits):
            return f"{event.detail_type} is published; its deadline has passed meanwhile, so it is given up"
        return f"{event.detail_type} is published"

    def _deadline(self, *, waits: bool) -> timedelta:
        names = ["DeadlineSeconds", *(["PendingDeadlineSeconds"] if waits else [])]
        return timedelta(seconds=max(int(self._stack.parameters.get(name, 0)) for name in names))

    def _read(self, key: str) -> Record | None:
        """Return a record, read consistently; None if there is none, or if it cannot be read."""
        found = self._dynamodb.get_item(TableName=self._table, Key=to_item({KEY: key}), ConsistentRead=True)
        try:
            return Record.from_item(from_item(found["Item"]), Saga) if "Item" in found else None
        except ValidationError:
            return None


def duration(text: str) -> timedelta:
    """Return a duration like `90s`, `15m`, `2h` or `1d`. Raises `ProblemError` if it is none."""
    if not (found := re.fullmatch(r"(\d+)([smhd])", text.strip())):
        raise ProblemError(f"OLDER={text} is no duration: write it as in 90s, 15m, 2h or 1d")
    return timedelta(**{UNITS[found[2]]: int(found[1])})


def told(record: Mapping[str, Any]) -> Iterator[str]:
    """Yield what a record's marks tell, a line each: what was done, when, by whom and why."""
    for mark in record.get("marks") or ():
        # One that no operator set says why in the words that anybody may read.
        by, why = mark.get("by"), mark.get("why") if mark.get("by") else record.get("stopped")
        yield f"{mark['mark']} at {mark['at']}" + (f" by {by}" if by else "") + (f": {why}" if why else "")


def _is_to_be(act: Act, record: Record) -> bool:
    match act:
        case Act.STOP:
            return record.stopped is None
        case Act.HOLD:
            return record.held is None
        case Act.RELEASE:
            return record.held is not None


def _refusal(act: Act, record: Record | None) -> str:
    """Return why an order cannot be marked."""
    match act, record:
        case _, None:
            why = f"there is no such {NOUN}, or its record cannot be read"
        case _, Record(is_terminal=True):
            why = f"it has ended as {record.status}"
        case Act.STOP, Record(stopped=str()):
            why = f"it is stopped already: {record.stopped}"
        case Act.STOP, _:
            why = f"it is at {record.status}, past the point where it can be given up: see the runbook"
        case Act.HOLD, Record(held=datetime() as since):
            why = f"it is held already, since {iso(since)}"
        case Act.RELEASE, Record(held=None):
            why = "it is not held"
        case _:
            why = f"it is at {record.status}"
    return why
