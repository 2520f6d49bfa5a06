"""The dead-letter queue: what is in it, why, and how to redrive it.

Events come here on two ways, in two envelopes. A rule that could not deliver leaves the event itself, with the reason
in the message's attributes (Amazon EventBridge User Guide, "Using dead-letter queues to process undelivered events").
A function that kept failing leaves an invocation record with the event in it (AWS Lambda Developer Guide, "Capturing
records of Lambda asynchronous invocations").
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from time import monotonic
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from contract import Saga
from saga.record import Record
from tools.base.console import console, problems, styled
from tools.base.events import KEY, NOUN
from tools.base.stack import Stack
from tools.base.transitions import EVENTS
from tools.operating.publishing import publish

if TYPE_CHECKING:
    from mypy_boto3_sqs.type_defs import MessageTypeDef

AT_ONCE = 10
LONGEST = 2048
"""Bytes of a table's key (Amazon DynamoDB Developer Guide, "Quotas and limits")."""
UNSEEN = 60
"""Seconds that a message is kept from others while it is looked at."""


class Way(StrEnum):
    """How an event came into the dead-letter queue."""

    DELIVERY = "delivery"
    """The rule could not hand it to its function."""
    EXECUTION = "execution"
    """The function failed each time."""


class Fate(StrEnum):
    """What a redrive does with a dead letter."""

    AGAIN = "published again"
    """It is valid: its step is idempotent, so it goes out as it was."""
    CURRENT = "current event published instead"
    """It is malformed, but its order is known: the record is the outbox, so the order's current event goes out."""
    KEPT = "kept"
    """It is malformed and no order is known, or its record makes no event: nothing can be made of it."""


@dataclass(frozen=True)
class DeadLetter:
    """One event that could not be handled."""

    way: Way
    function: str
    detail_type: str
    detail: dict[str, Any]
    reason: str
    receipt: str

    @property
    def order_id(self) -> str | None:
        """The order that it concerns, if it says so."""
        order_id = self.detail.get(KEY)
        return order_id if isinstance(order_id, str) and 0 < len(order_id.encode(errors="replace")) <= LONGEST else None

    def is_valid(self) -> bool:
        """Return whether it is an event of the saga, well-formed."""
        try:
            EVENTS[self.detail_type].from_fields(self.detail)
        except (KeyError, ValidationError):
            return False
        return True

    @classmethod
    def of(cls, message: "MessageTypeDef") -> "DeadLetter":
        """Unwrap a message of the queue, whichever envelope it came in."""
        body = _object(_json(message["Body"]))
        if "requestPayload" in body:
            way, event = Way.EXECUTION, _object(body["requestPayload"])
            failure, context = _object(body.get("responsePayload")), _object(body.get("requestContext"))
            target = str(context.get("functionArn", ""))
            kind = failure.get("errorType", context.get("condition", "unknown"))
            reason = f"{kind}: {failure.get('errorMessage', 'no message')}"
        else:
            way, event = Way.DELIVERY, body
            said = {name: value.get("StringValue", "") for name, value in message.get("MessageAttributes", {}).items()}
            target = said.get("TARGET_ARN", "")
            reason = f"{said.get('ERROR_CODE', 'unknown')}: {said.get('ERROR_MESSAGE', 'no message')}"
        return cls(
            way=way,
            function=target.partition(":function:")[2].partition(":")[0],
            detail_type=str(event.get("detail-type", "?")),
            detail=_object(event.get("detail")),
            reason=reason,
            receipt=message["ReceiptHandle"],
        )


class DeadLetterQueue:
    """The stack's dead-letter queue."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._url = stack.output("DeadLetterQueueUrl")
        self._sqs = stack.client("sqs")

    def letters(self) -> list[DeadLetter]:
        """Return the dead letters, and leave them in the queue."""
        letters = list(self._take())
        for letter in letters:
            self._put_back(letter)
        return letters

    def redrive(self, order_id: str | None = None, *, dry_run: bool = False) -> list[tuple[DeadLetter, Fate]]:
        """Redrive all dead letters, or those of one order; return what became of each.

        Safe to repeat: a letter leaves the queue only after its event is published, and steps are idempotent. A dry
        run tells what would become of each and leaves everything in place.
        """
        fates = []
        for letter in list(self._take()):
            if order_id not in {None, letter.order_id}:
                self._put_back(letter)
                continue
            fate, event = self._fate(letter)
            if dry_run or not event:
                self._put_back(letter)
            else:
                # If that fails, it stays in the queue.
                publish(self._stack, *event)
                self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=letter.receipt)
            fates.append((letter, fate))
        return fates

    def _fate(self, letter: DeadLetter) -> tuple[Fate, tuple[str, str] | None]:
        if letter.is_valid():
            return Fate.AGAIN, (letter.detail_type, json.dumps(letter.detail))
        item = self._stack.records.get_item(Key={KEY: letter.order_id}).get("Item") if letter.order_id else None
        if not item:
            return Fate.KEPT, None
        try:
            current = Record.from_item(item, Saga).event()
        except (KeyError, ValidationError):
            return Fate.KEPT, None
        return Fate.CURRENT, (current.detail_type, current.detail())

    def _take(self) -> Iterator[DeadLetter]:
        taken, ends = 0, monotonic() + UNSEEN / 2
        while messages := self._sqs.receive_message(
            QueueUrl=self._url,
            MaxNumberOfMessages=AT_ONCE,
            MessageAttributeNames=["All"],
            VisibilityTimeout=UNSEEN,
            WaitTimeSeconds=1,
        ).get("Messages"):
            yield from map(DeadLetter.of, messages)
            taken += len(messages)
            # Longer, and the first would be seen again: there would be no end.
            if monotonic() > ends:
                problems.print(f"there are more: only these {taken} could be read in {UNSEEN // 2} s; run it again")
                return

    def _put_back(self, letter: DeadLetter) -> None:
        self._sqs.change_message_visibility(QueueUrl=self._url, ReceiptHandle=letter.receipt, VisibilityTimeout=0)


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _object(value: Any) -> dict[str, Any]:
    """Return a value that is a JSON object; an empty one for any other, for anybody may have sent it."""
    return value if isinstance(value, dict) else {}


def show(letters: Sequence[tuple[DeadLetter, str]]) -> None:
    """Print dead letters, each with what becomes of it, if anything does."""
    if not letters:
        console.print("there are no dead letters")
    for letter, fate in letters:
        console.print(
            styled("[bold]{}[/] of {} {}", letter.detail_type, NOUN, letter.order_id or "unknown"), soft_wrap=True
        )
        console.print(f"  came by {letter.way}, function {letter.function or 'unknown'}", soft_wrap=True)
        console.print(styled("  because [red]{}[/]", letter.reason), soft_wrap=True)
        if fate:
            console.print(f"  → {fate}", soft_wrap=True)
