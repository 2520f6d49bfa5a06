"""The dead-letter queue: what is in it, why, and how to redrive it.

Events come here on two ways, in two envelopes. A rule that could not deliver leaves the event itself, with the reason
in the message's attributes (Amazon EventBridge User Guide, "Using dead-letter queues to process undelivered events").
A function that kept failing leaves an invocation record with the event in it (AWS Lambda Developer Guide, "Capturing
records of Lambda asynchronous invocations"). Whatever else lies there is unreadable.
"""

import json
import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import ValidationError

from contract import Saga
from saga.record import Record
from saga.table import from_item, to_item
from tools.base.console import problems
from tools.base.events import KEY, RECORDS_TABLE
from tools.base.stack import Stack
from tools.base.transitions import EVENTS
from tools.operating.publishing import Publisher

if TYPE_CHECKING:
    from mypy_boto3_sqs.type_defs import MessageTypeDef

AT_ONCE = 10
"""Messages that one call takes (Amazon SQS API Reference)."""
TOGETHER = 8
"""Calls that are under way at the same time."""
LONGEST = 2048
"""Bytes of a table's key (Amazon DynamoDB Developer Guide, "Quotas and limits")."""
UNSEEN = 300
"""Seconds that a message is kept from others while it is looked at."""
SHOWN = 200
"""Characters of an unreadable message that are shown."""
PARTICULAR = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d+(?:[-:.TZ]+\d+)*Z?")
"""What differs between errors of one cause: ids, numbers and times."""
UNREADABLE = "unreadable"
"""What stands in the place of an unreadable message's event."""
Done = TypeVar("Done")


class Way(StrEnum):
    """How an event came into the dead-letter queue."""

    DELIVERY = "delivery"
    """The rule could not hand it to its function."""
    EXECUTION = "execution"
    """The function failed each time."""
    UNKNOWN = "no known way"
    """It is in neither envelope: somebody else sent it."""


class Fate(StrEnum):
    """What a redrive does with a dead letter."""

    AGAIN = "published again"
    """It is valid: its step is idempotent, so it goes out as it was."""
    CURRENT = "current event published instead"
    """It is malformed, but its order is known: the record is the outbox, so the order's current event goes out."""
    KEPT = "kept"
    """It is malformed and no order is known, or its record makes no event: nothing can be made of it."""
    REFUSED = "kept, since EventBridge refused it"
    """Its event could not be published: it stays, to be redriven later."""


@dataclass(frozen=True)
class DeadLetter:
    """One event that could not be handled."""

    way: Way
    function: str
    detail_type: str
    detail: dict[str, Any]
    reason: str
    receipt: str
    at: datetime | None = None
    """When it came into the queue."""

    @property
    def order_id(self) -> str | None:
        """The order that it concerns, if it says so."""
        order_id = self.detail.get(KEY)
        return order_id if isinstance(order_id, str) and 0 < len(order_id.encode(errors="replace")) <= LONGEST else None

    @property
    def error(self) -> str:
        """The error without what differs from order to order: its kind, and what it says up to the next colon."""
        kind, _, message = self.reason.partition(": ")
        if self.way is Way.UNKNOWN:
            return kind
        said = PARTICULAR.sub("…", message.partition(": ")[0]).replace(self.order_id or "…", "…")
        return f"{kind}: {said[:SHOWN]}"

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
        elif "detail-type" in body:
            way, event = Way.DELIVERY, body
            said = {name: value.get("StringValue", "") for name, value in message.get("MessageAttributes", {}).items()}
            target = said.get("TARGET_ARN", "")
            reason = f"{said.get('ERROR_CODE', 'unknown')}: {said.get('ERROR_MESSAGE', 'no message')}"
        else:
            way, event, target = Way.UNKNOWN, {"detail-type": UNREADABLE}, ""
            reason = f"no envelope: {message['Body'][:SHOWN]}"
        sent = message.get("Attributes", {}).get("SentTimestamp", "")
        return cls(
            way=way,
            function=target.partition(":function:")[2].partition(":")[0],
            detail_type=str(event.get("detail-type", "?")),
            detail=_object(event.get("detail")),
            reason=reason,
            receipt=message["ReceiptHandle"],
            at=datetime.fromtimestamp(int(sent) / 1000, UTC) if sent.isdecimal() else None,
        )


@dataclass(frozen=True)
class Selection:
    """Which dead letters are meant: those that fit all that is said here."""

    order_id: str | None = None
    function: str | None = None
    """A part of the function's name: its name in the template will do."""
    why: str | None = None
    """A part of the reason."""
    event: str | None = None
    error: str | None = None
    """The whole `error` of a letter."""

    def has(self, letter: DeadLetter) -> bool:
        """Return whether a letter is meant."""
        return (
            self.order_id in {None, letter.order_id}
            and self.event in {None, letter.detail_type}
            and self.error in {None, letter.error}
            and (self.function or "").casefold() in letter.function.casefold()
            and (self.why or "").casefold() in letter.reason.casefold()
        )


ALL = Selection()


class DeadLetterQueue:
    """The stack's dead-letter queue; `progress` is told of each few letters that are read or done.

    Calls are made several at a time, so that thousands of letters take seconds.
    """

    def __init__(self, stack: Stack, progress: Callable[[int], object] = lambda _more: None) -> None:
        self._stack, self._progress = stack, progress
        self._url = stack.output("DeadLetterQueueUrl")
        self._sqs, self._dynamodb = stack.client("sqs"), stack.client("dynamodb")

    def letters(self, selection: Selection = ALL) -> list[DeadLetter]:
        """Return the dead letters that are meant, oldest first, and leave all of them in the queue."""
        letters = self._take()
        self._all(letters, self._put_back)
        return [letter for letter in letters if selection.has(letter)]

    def redrive(self, selection: Selection = ALL, *, dry_run: bool = False) -> list[tuple[DeadLetter, Fate]]:
        """Redrive the dead letters that are meant, oldest first; return what became of each.

        Safe to repeat: a letter leaves the queue only after its event is published, and steps are idempotent. A dry
        run tells what would become of each and leaves everything in place.
        """
        meant, publisher = self._take_out(selection), Publisher(self._stack)
        fates = self._all(meant, partial(self._redrive, publisher, dry_run=dry_run))
        return [each for batch in fates for each in batch]

    def purge(self, selection: Selection = ALL, *, dry_run: bool = False) -> list[DeadLetter]:
        """Delete the dead letters that are meant, for good; return which. A dry run leaves everything in place."""
        meant = self._take_out(selection)
        self._all(meant, self._put_back if dry_run else self._delete)
        return meant

    def _redrive(
        self, publisher: Publisher, letters: Sequence[DeadLetter], *, dry_run: bool
    ) -> list[tuple[DeadLetter, Fate]]:
        fates = [(letter, *self._fate(letter)) for letter in letters]
        if not dry_run:
            going = [(index, event) for index, (_, _, event) in enumerate(fates) if event]
            published = publisher.publish_all([event for _, event in going])
            for (index, _), event_id in zip(going, published, strict=True):
                if event_id is None:
                    fates[index] = (fates[index][0], Fate.REFUSED, None)
        gone = [] if dry_run else [letter for letter, _, event in fates if event]
        self._delete(gone)
        self._put_back([letter for letter in letters if letter not in gone])
        return [(letter, fate) for letter, fate, _ in fates]

    def _fate(self, letter: DeadLetter) -> tuple[Fate, tuple[str, str] | None]:
        """Return what becomes of a letter, and the event that goes out for it, if one does."""
        if letter.is_valid():
            return Fate.AGAIN, (letter.detail_type, json.dumps(letter.detail))
        item = self._record(letter.order_id) if letter.order_id else None
        if not item:
            return Fate.KEPT, None
        try:
            current = Record.from_item(item, Saga).event()
        except (KeyError, ValidationError):
            return Fate.KEPT, None
        return Fate.CURRENT, (current.detail_type, current.detail())

    def _record(self, order_id: str) -> dict[str, Any]:
        table = self._stack.output(RECORDS_TABLE)
        return from_item(self._dynamodb.get_item(TableName=table, Key=to_item({KEY: order_id})).get("Item", {}))

    def _take_out(self, selection: Selection) -> list[DeadLetter]:
        """Return the letters that are meant, kept from others for a while; the rest is back in the queue."""
        letters = self._take()
        self._all([letter for letter in letters if not selection.has(letter)], self._put_back, silent=True)
        return [letter for letter in letters if selection.has(letter)]

    def _take(self) -> list[DeadLetter]:
        """Take all messages, for as long as the first of them stays unseen."""
        found, ends = dict[str, DeadLetter](), monotonic() + UNSEEN / 2

        def take(_number: int) -> bool:
            while monotonic() < ends:
                messages = self._sqs.receive_message(
                    QueueUrl=self._url,
                    MaxNumberOfMessages=AT_ONCE,
                    MessageAttributeNames=["All"],
                    MessageSystemAttributeNames=["SentTimestamp"],
                    VisibilityTimeout=UNSEEN,
                    WaitTimeSeconds=1,
                ).get("Messages", [])
                if not messages:
                    return True
                # A standard queue may deliver a message more than once.
                found.update({message["MessageId"]: DeadLetter.of(message) for message in messages})
                self._progress(len(messages))
            return False

        with ThreadPoolExecutor(TOGETHER) as together:
            complete = list(together.map(take, range(TOGETHER)))
        if not any(complete):
            # Longer, and the first would be seen again: there would be no end.
            problems.print(
                f"there are more: only these {len(found)} could be read in {UNSEEN // 2} s; run it again",
                soft_wrap=True,
            )
        return sorted(found.values(), key=lambda letter: letter.at or datetime.max.replace(tzinfo=UTC))

    def _all(
        self, letters: Sequence[DeadLetter], act: Callable[[Sequence[DeadLetter]], Done], *, silent: bool = False
    ) -> list[Done]:
        """Do something with all letters, a few at a time; if that fails, all that are left go back into the queue."""
        batches = [letters[start : start + AT_ONCE] for start in range(0, len(letters), AT_ONCE)]
        done = list[Done]()
        try:
            with ThreadPoolExecutor(TOGETHER) as together:
                for batch, result in zip(batches, together.map(act, batches), strict=True):
                    done.append(result)
                    if not silent:
                        self._progress(len(batch))
        except BaseException:
            for batch in batches[len(done) :]:
                self._put_back(batch)
            raise
        return done

    def _put_back(self, letters: Sequence[DeadLetter]) -> None:
        if letters:
            self._sqs.change_message_visibility_batch(
                QueueUrl=self._url,
                Entries=[
                    {"Id": str(number), "ReceiptHandle": letter.receipt, "VisibilityTimeout": 0}
                    for number, letter in enumerate(letters)
                ],
            )

    def _delete(self, letters: Sequence[DeadLetter]) -> None:
        if letters:
            self._sqs.delete_message_batch(
                QueueUrl=self._url,
                Entries=[{"Id": str(number), "ReceiptHandle": letter.receipt} for number, letter in enumerate(letters)],
            )


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _object(value: Any) -> dict[str, Any]:
    """Return a value that is a JSON object; an empty one for any other, for anybody may have sent it."""
    return value if isinstance(value, dict) else {}
