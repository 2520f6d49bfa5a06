"""The lists of orders. As JSON they are what `make orders JSON=yes` prints."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Self

from pydantic import Field

from tools.base.document import Document, Timestamp
from tools.base.events import KEY
from tools.base.transitions import TERMINAL


class Listed(Document):
    """One order of a list."""

    order_id: Annotated[str, Field(alias=KEY)]
    status: str
    created_at: Timestamp
    updated_at: Timestamp
    failure_reason: str | None = None
    stopped: str | None = None
    """Why it is to be given up, if somebody stopped it."""
    held: Timestamp | None = None
    """Since when an operator holds it where it is."""


class InFlight(Listed):
    """One order in flight."""

    age_seconds: float
    """Since its creation."""
    still_seconds: float
    """Since its last step."""
    past_deadline: bool
    """Up to the charge, it is given up at its next step."""
    due_for_recovery: bool
    """The next run of recovery publishes its current event again."""

    @classmethod
    def of(cls, listed: Listed, now: datetime, deadline: timedelta, recover_after: timedelta) -> Self:
        """Return an order as it is at a time."""
        age, still = now - listed.created_at, now - listed.updated_at
        return cls(
            **dict(listed),
            age_seconds=age.total_seconds(),
            still_seconds=still.total_seconds(),
            past_deadline=age > deadline,
            due_for_recovery=listed.held is None and (still >= recover_after or listed.stopped is not None),
        )


class Orders(Document):
    """The orders of a stack."""

    status: str | None
    """The status that was asked for: only orders that stand there are listed."""
    in_flight: tuple[InFlight, ...]
    """Oldest first, at most a thousand."""
    younger_in_flight: int
    """How many more are in flight, younger than those; whatever their status."""
    not_counted: bool
    """Whether there are even more in flight: the index was not read to its end."""
    minutes: int
    """How far back the recent orders reach."""
    recent: tuple[Listed, ...]
    """Those that were taken in these minutes, newest first, at most a thousand; those in flight among them."""
    older_left_out: bool
    """Whether more were taken in these minutes."""
    unreadable: tuple[str, ...] = ()
    """The ids of those whose record is none: somebody wrote to the table by hand."""

    @property
    def by_status(self) -> Counter[str]:
        """Count the recent orders by status."""
        return Counter(order.status for order in self.recent)

    @property
    def finished(self) -> Sequence[Listed]:
        """The recent orders that are not in flight any more."""
        return [order for order in self.recent if order.status in TERMINAL]
