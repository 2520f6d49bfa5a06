"""The story of one order, put together from its record, the functions' log lines and the dead-letter queue.

It is pure: `tools.operating.story.sources` reads all that from AWS. As JSON it is what `make trace JSON=yes` prints.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import Field

from saga import clock
from tools.base.document import Document, Timestamp
from tools.base.events import KEY
from tools.base.transitions import TERMINAL
from tools.operating.dead_letters import DeadLetter
from tools.operating.story import lines as log
from tools.operating.story.lines import MILLISECOND, Lines
from tools.operating.story.parts import Change, Delivery, Letter, Publication


class Story(Document):
    """All that is known of one order."""

    order_id: Annotated[str, Field(alias=KEY)]
    status: str
    terminal: bool
    milliseconds: float
    """From its creation to its final status, or to now."""
    looked_at: Timestamp
    """When all this was read."""
    lines: int
    """The number of its log lines; 0 if they have expired, or have not arrived yet."""
    publications: tuple[Publication, ...]
    deliveries: tuple[Delivery, ...]
    history: tuple[Change, ...]
    dead_letters: tuple[Letter, ...]
    trace_ids: tuple[str, ...]
    """X-Ray's, oldest first."""
    record: dict[str, Any]

    @classmethod
    def of(
        cls,
        record: dict[str, Any],
        lines: Lines,
        letters: Sequence[DeadLetter],
        functions: Mapping[str, str],
        now: datetime | None = None,
    ) -> Self:
        """Put the story together; `functions` gives the functions' names in the template by their names on AWS."""
        now = now or clock.now()
        told = log.named(lines, functions)
        publications = tuple(log.publications(told))
        deliveries = tuple(sorted(log.deliveries(told), key=lambda delivery: delivery.began))
        history = tuple(log.changes(record, publications, deliveries))
        terminal = record["status"] in TERMINAL
        return cls(
            order_id=record[KEY],
            status=record["status"],
            terminal=terminal,
            milliseconds=max(((history[-1].at if terminal else now) - history[0].at) / MILLISECOND, 0),
            looked_at=now,
            lines=len(told),
            publications=publications,
            deliveries=deliveries,
            history=history,
            dead_letters=tuple(
                Letter(
                    way=letter.way,
                    function=functions.get(letter.function, letter.function),
                    event=letter.detail_type,
                    reason=letter.reason,
                )
                for letter in letters
                if letter.order_id == record[KEY]
            ),
            trace_ids=tuple(dict.fromkeys(line["xray_trace_id"] for line in told if line.get("xray_trace_id"))),
            record=record,
        )

    @property
    def untold(self) -> tuple[Change, ...]:
        """The entries of the history that no log line reports."""
        return tuple(change for change in self.history if change.function is None)
