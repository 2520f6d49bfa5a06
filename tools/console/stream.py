"""Places sagas at a rate that somebody chose, until it is stopped."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Lock
from time import monotonic

FASTEST = 50.0
"""A second."""
AT_ONCE = 8


class Stream:
    """A stream that runs or does not."""

    def __init__(self, place: Callable[[], object]) -> None:
        self._place = place
        self._lock = Lock()
        self._stopped = Event()
        self._stopped.set()
        self._pool = ThreadPoolExecutor(AT_ONCE + 1, thread_name_prefix="stream")
        self.rate = 0.0
        self.placed = 0
        self.refused = 0
        self.says = ""

    def state(self) -> dict[str, object]:
        """Return how it runs."""
        return {"rate": self.rate, "placed": self.placed, "refused": self.refused, "says": self.says}

    def run_at(self, rate: float) -> None:
        """Place so many a second from now on; 0 stops."""
        with self._lock:
            self._stopped.set()
            self.rate = min(max(rate, 0.0), FASTEST)
            if self.rate:
                self.placed = self.refused = 0
                self._stopped = Event()
                self._pool.submit(self._run, self._stopped, 1 / self.rate)

    def close(self) -> None:
        """Stop for good."""
        self.run_at(0)
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _run(self, stopped: Event, every: float) -> None:
        due, under_way = monotonic(), list[object]()
        while not stopped.wait(max(due - monotonic(), 0)):
            due = max(due + every, monotonic() - 1)
            under_way = [future for future in under_way if not future.done()]  # type: ignore[attr-defined]
            # What cannot keep up places fewer, and piles up nothing.
            if len(under_way) < AT_ONCE:
                under_way.append(self._pool.submit(self._place_one))

    def _place_one(self) -> None:
        try:
            self._place()
            self.placed += 1
        except Exception as error:  # noqa: BLE001  the stream goes on, and says so
            self.refused += 1
            self.says = str(error)
