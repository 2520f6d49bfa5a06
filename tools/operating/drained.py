"""Whether an event can still come, before a release does without it."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Self

from saga.clock import now
from saga.event import Event
from saga.record import Record
from tools.base.console import console
from tools.base.document import Document, Timestamp
from tools.base.events import NOUN
from tools.base.problem import ProblemError
from tools.base.stack import Stack
from tools.base.transitions import EVENTS
from tools.operating.dead_letters import DeadLetter, DeadLetterQueue, Selection
from tools.operating.in_flight import InFlight

DEAD_LETTERS_LAST = timedelta(days=14)
"""The queue's retention, as the template has it."""


class Drained(Document):
    """Who can still bring an event."""

    event: str
    in_flight: dict[str, int]
    """How many orders in flight are at a status from which they may come to it, by status."""
    dead_letters: int
    """How many dead letters hold it."""
    looked_at: Timestamp
    archive_days: int

    @classmethod
    def of(
        cls, event: type[Event], records: Iterable[Record], letters: Iterable[DeadLetter], archive_days: int
    ) -> Self:
        """Return who can still bring this event."""
        statuses = Counter(record.status for record in records)
        coming = {
            status: count
            for status, count in statuses.items()
            if status in event.statuses or event.follows_from(status)
        }
        return cls(
            event=event.detail_type,
            in_flight=coming,
            dead_letters=sum(letter.detail_type == event.detail_type for letter in letters),
            looked_at=now(),
            archive_days=archive_days,
        )

    @property
    def is_drained(self) -> bool:
        """Whether nothing in flight and no dead letter can bring it."""
        return not self.in_flight and not self.dead_letters

    @property
    def gone_from(self) -> date:
        """The day from which on neither the archive nor the queue holds it, if nobody publishes it from now on."""
        lasts: datetime = self.looked_at + max(timedelta(days=self.archive_days), DEAD_LETTERS_LAST)
        return lasts.date() + timedelta(days=1)


def look(stack: Stack, name: str) -> Drained:
    """Look who can still bring an event. Raises `ProblemError` if there is no such event."""
    if (event := EVENTS.get(name)) is None:
        raise ProblemError(f"there is no event {name}: choose one of {', '.join(EVENTS)}")
    letters = DeadLetterQueue(stack).letters(Selection(event=name))
    return Drained.of(event, InFlight(stack).records(), letters, int(stack.parameters.get("ArchiveDays", 0)))


def show(found: Drained) -> None:
    """Print who can still bring an event."""
    for status, count in sorted(found.in_flight.items()):
        console.print(f"{count:,} {NOUN}s at {status} can still bring {found.event}", soft_wrap=True)
    if found.dead_letters:
        console.print(f"{found.dead_letters:,} dead letters hold {found.event}", soft_wrap=True)
    if found.is_drained:
        console.print(f"no {NOUN} in flight and no dead letter can bring {found.event}", soft_wrap=True)
    console.print(
        f"if it is published no more from now on, neither the archive ({found.archive_days} days) nor the dead-letter "
        f"queue ({DEAD_LETTERS_LAST.days} days) can bring it from {found.gone_from} on",
        soft_wrap=True,
    )
