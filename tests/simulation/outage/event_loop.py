"""Virtual time: a heap of what is to happen, and a clock that jumps from one thing to the next."""

from collections.abc import Callable
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import count
from typing import Protocol

from tests.simulation import BEGIN
from tests.virtual_clock import VirtualClock

Act = Callable[[], object]


class Running(Protocol):
    """What has the loop's turn, and passes time in it."""

    def passes(self, seconds: float) -> None: ...


class LoopClock(VirtualClock):
    """The clock of a loop, in seconds since `BEGIN`; whoever advances it is what has its turn."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.running: Running | None = None

    @property
    def time(self) -> datetime:  # type: ignore[override]  # computed, for it is read less often than it changes
        return BEGIN + timedelta(seconds=self.seconds)

    def advance(self, by: timedelta = timedelta(), **parts: float) -> None:
        self.passes((by + timedelta(**parts)).total_seconds())

    def passes(self, seconds: float) -> None:
        if self.running:
            self.running.passes(seconds)
        else:
            self.seconds += seconds


class EventLoop:
    """Does what is to be done, each at its time."""

    def __init__(self) -> None:
        self.clock = LoopClock()
        self._heap: list[tuple[float, int, Act]] = []
        self._numbers = count()

    def at(self, seconds: float, act: Act) -> None:
        """Do this at a time; what is to be done at the same time is done in the order in which it was said."""
        heappush(self._heap, (max(seconds, self.clock.seconds), next(self._numbers), act))

    def after(self, seconds: float, act: Act) -> None:
        """Do this after a while."""
        self.at(self.clock.seconds + seconds, act)

    def every(self, seconds: float, act: Act) -> None:
        """Do this now, and again and again."""

        def again() -> None:
            act()
            self.after(seconds, again)

        self.at(self.clock.seconds, again)

    def run(self, until: Callable[[], bool]) -> None:
        """Run until this holds, or nothing is left to do."""
        while self._heap and not until():
            self.clock.seconds, _, act = heappop(self._heap)
            act()
