"""When recovery publishes a saga's current event again: soon at first, then ever less often.

A saga is due 1, 2, 4 and 8 minutes after it reached its status, then every 15 minutes, in a minute derived from its
key, so that sagas which an outage stopped together do not come back together. It is also due when its deadline passes.
(These are the minutes of the default, `RecoverAfterSeconds=60`.) Recovery keeps no state: whether a saga is due in a
run follows from its record and from the minute that the run covers, however late or often the run happens.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from math import ceil
from typing import NamedTuple
from zlib import crc32

from saga.clock import iso
from saga.settings import settings

EARLY = (1, 2, 4, 8)
EVERY = 15
"""Both in multiples of `RecoverAfterSeconds`."""
A_RUN = timedelta(minutes=1)
"""What one run covers: recovery's schedule."""
OVERLAP = timedelta(seconds=5)
"""How much runs overlap: a schedule is not exact to the second."""


class Standing(NamedTuple):
    """Where a saga stands, with its times as the table holds them: UTC ISO 8601, which sorts as text."""

    key: str
    created_at: str
    updated_at: str
    waits: bool
    """Whether it waits for somebody outside, and so has the longer deadline."""
    stopped: bool = False
    """Whether somebody stopped it: its step should learn of that soon."""


class Turn(NamedTuple):
    """A saga's place in one run: sorted by the reason why it is due, and at random among equals."""

    reason: int
    lot: int
    key: str


BY_DEADLINE, BY_ITS_MINUTE, EARLY_ON, NOT_YET = range(4)
"""The reasons to be due. The second precedes the third: every saga has its minute, and only once in 15."""


class Spacing:
    """Which sagas are due in the run that covers the minute up to `until`, if `waiting` are in flight altogether."""

    def __init__(self, until: datetime, waiting: int) -> None:
        gap, most = settings().recover_after, settings().most_recovered_a_run
        self._until = until
        self._early = [_window(until - times * gap) for times in EARLY]
        self._stuck_since = iso(until - gap)
        self._deadlines: Mapping[bool, tuple[str, str]] = {
            waits: _window(until - settings().deadline_of(waits=waits)) for waits in (False, True)
        }
        self._minute = int(until.timestamp()) // int(A_RUN.total_seconds())
        turns = ceil(EVERY * gap / A_RUN)
        # More than can be published in that time take turns over a longer one.
        self._turns = max(turns, ceil(waiting / most)) if most else turns

    def age(self, saga: Standing) -> float:
        """Return how old a saga is, in seconds; 0 if it is too young to be stuck, or has no age."""
        if not "" < saga.created_at <= self._stuck_since:
            return 0
        return (self._until - datetime.fromisoformat(saga.created_at)).total_seconds()

    def turn(self, saga: Standing, *, everything: bool = False) -> Turn | None:
        """Return the saga's turn, None if it is not due; with `everything`, each stuck saga is."""
        lot = crc32(saga.key.encode())
        if saga.stopped:
            reason = BY_DEADLINE
        elif saga.updated_at > self._stuck_since:
            # It moves, whatever its age.
            return None
        elif _in(self._deadlines[saga.waits], saga.created_at):
            reason = BY_DEADLINE
        elif (self._minute + lot) % self._turns == 0:
            reason = BY_ITS_MINUTE
        elif any(_in(window, saga.updated_at) for window in self._early):
            reason = EARLY_ON
        elif everything:
            reason = NOT_YET
        else:
            return None
        # Another lot in each minute: nobody is always the last.
        return Turn(reason, crc32(saga.key.encode(), self._minute), saga.key)


def _window(until: datetime) -> tuple[str, str]:
    return iso(until - A_RUN - OVERLAP), iso(until)


def _in(window: tuple[str, str], time: str) -> bool:
    after, until = window
    return after < time <= until
