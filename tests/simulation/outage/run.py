"""One run of a handler in virtual time."""

import threading
from collections.abc import Callable
from typing import Any

from tests.simulation.outage.event_loop import EventLoop


class OutOfTimeError(BaseException):
    """The function ran into its timeout, or was killed: no `except Exception` sees this."""


class Run:
    """One run of a handler.

    A short one takes place at once: its time passes afterwards. One that gives way lets the others have their turn
    whenever time passes in it, so that it sees what they did meanwhile; it has a thread of its own for that.
    """

    def __init__(self, loop: EventLoop, environment: Any, handler: Callable[[], Any], dies_at: float) -> None:
        self._loop, self._handler = loop, handler
        self.environment, self.dies_at = environment, dies_at
        self.answer: Any = None
        self.failure: BaseException | None = None
        self._gives_way = False
        self._on_end: Callable[[Run], object] = lambda _run: None

    def start(self, on_end: "Callable[[Run], object]", *, gives_way: bool) -> None:
        """Run; `on_end` is called once its time is over."""
        self._on_end, self._gives_way = on_end, gives_way
        clock = self._loop.clock
        if gives_way:
            # Locks that one thread takes and another releases: half the time of semaphores.
            self._go_on, self._gave_way = threading.Lock(), threading.Lock()
            self._go_on.acquire()
            self._gave_way.acquire()
            threading.Thread(target=self._run_and_end, daemon=True).start()
            self._resume()
        else:
            began = clock.seconds
            self._turn(self._run)
            self._loop.at(clock.seconds, lambda: on_end(self))
            clock.seconds = began

    def passes(self, seconds: float) -> None:
        """Let time pass. Raises `OutOfTimeError` if there is not as much left."""
        clock = self._loop.clock
        until = min(clock.seconds + seconds, self.dies_at)
        out_of_time = clock.seconds + seconds > self.dies_at
        if self._gives_way:
            self._loop.at(until, self._resume)
            self._gave_way.release()
            self._go_on.acquire()
        else:
            clock.seconds = until
        if out_of_time:
            raise OutOfTimeError

    def seconds_left(self) -> float:
        """Return how long it may still run."""
        return self.dies_at - self._loop.clock.seconds

    def _turn(self, go: Callable[[], object]) -> None:
        self._loop.clock.running = self
        try:
            go()
        finally:
            self._loop.clock.running = None

    def _resume(self) -> None:
        self._turn(self._let_go_on)

    def _let_go_on(self) -> None:
        self._go_on.release()
        self._gave_way.acquire()

    def _run(self) -> None:
        try:
            self.answer = self._handler()
        # Whatever it is, it belongs to whoever started this.
        except (Exception, OutOfTimeError) as failure:  # noqa: BLE001
            self.failure = failure

    def _run_and_end(self) -> None:
        self._go_on.acquire()
        try:
            self._run()
            self._loop.at(self._loop.clock.seconds, lambda: self._on_end(self))
        finally:
            self._gave_way.release()
