"""A clock that moves only when a test advances it; it replaces `saga.clock.datetime`."""

from datetime import datetime, timedelta, tzinfo


class VirtualClock:
    """Stands in for `datetime` in `saga.clock`, which calls nothing but `now`."""

    def __init__(self, time: datetime) -> None:
        self.time = time

    def now(self, zone: tzinfo) -> datetime:
        """Return the time."""
        return self.time.astimezone(zone)

    def advance(self, by: timedelta = timedelta(), **parts: float) -> None:
        """Advance the clock: by a duration, or one of `timedelta`'s parts, as in `minutes=1`."""
        self.time += by + timedelta(**parts)
