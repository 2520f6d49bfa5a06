"""The dead letters by cause. As JSON they are what `make dlq JSON=yes` prints."""

from collections.abc import Iterable
from typing import Annotated, Self

from pydantic import Field

from tools.base.document import Document, Timestamp
from tools.base.events import KEY
from tools.operating.dead_letters import UNREADABLE, DeadLetter


class Group(Document):
    """The letters of one cause: the same function failed on the same event with the same error."""

    function: str
    """The name that the function got; empty if the letter does not tell."""
    error: str
    event: str
    """The event's detail-type; `unreadable` for messages in no known envelope."""
    count: int
    oldest: Timestamp | None
    """When the oldest of them came into the queue."""
    way: str
    """How the oldest of them came there."""
    example: str
    """Its whole reason."""
    example_id: Annotated[str | None, Field(serialization_alias=f"example{KEY[0].upper()}{KEY[1:]}")]
    """The order that it concerns."""

    @classmethod
    def of(cls, letters: list[DeadLetter]) -> Self:
        """Return the group of letters of one cause, oldest first."""
        oldest = letters[0]
        return cls(
            function=oldest.function,
            error=oldest.error,
            event=oldest.detail_type,
            count=len(letters),
            oldest=oldest.at,
            way=oldest.way,
            example=oldest.reason,
            example_id=oldest.order_id,
        )


class DeadLetters(Document):
    """The dead letters of a stack, by cause."""

    count: int
    unreadable: int
    """How many of them are in no known envelope: they are in a group of their own."""
    groups: tuple[Group, ...]
    """The largest first."""

    @classmethod
    def of(cls, letters: Iterable[DeadLetter]) -> Self:
        """Return these letters by cause; they come oldest first."""
        groups = [Group.of(group) for group in by_cause(letters).values()]
        return cls(
            count=sum(group.count for group in groups),
            unreadable=sum(group.count for group in groups if group.event == UNREADABLE),
            groups=tuple(sorted(groups, key=lambda group: -group.count)),
        )


def by_cause(letters: Iterable[DeadLetter]) -> dict[tuple[str, str, str], list[DeadLetter]]:
    """Return the letters by their cause: function, error and event."""
    causes = dict[tuple[str, str, str], list[DeadLetter]]()
    for letter in letters:
        causes.setdefault((letter.function, letter.error, letter.detail_type), []).append(letter)
    return causes
