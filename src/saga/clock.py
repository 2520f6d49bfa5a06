"""The saga's only clock."""

from datetime import UTC, datetime


def now() -> datetime:
    """Return the current time in UTC, cut to the millisecond: what is written reads back as the same value."""
    return to_millisecond(datetime.now(UTC))


def to_millisecond(time: datetime) -> datetime:
    """Return the time in UTC, cut to the millisecond."""
    time = time.astimezone(UTC)
    return time.replace(microsecond=time.microsecond // 1000 * 1000)


def iso(time: datetime) -> str:
    """Return a time as UTC ISO 8601 to the millisecond: `2026-01-31T09:30:00.125Z`."""
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
