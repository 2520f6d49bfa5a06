"""A clock that stands still until somebody moves it; `saga.clock.datetime` is replaced by it."""

from datetime import UTC, datetime, timedelta, tzinfo

BEGIN = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


class VirtualClock:
    """Stands where `datetime` stands in `saga.clock`: its `now` is all that is asked of it."""

    def __init__(self) -> None:
        self.time = BEGIN

    def now(self, zone: tzinfo) -> datetime:
        return self.time.astimezone(zone)

    def move(self, by: timedelta) -> None:
        self.time += by
