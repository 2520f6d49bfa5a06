"""The saga's only clock."""

from datetime import UTC, datetime


def now() -> datetime:
    """Give the current time in UTC, cut to the millisecond: what is written down reads back as the same value."""
    time = datetime.now(UTC)
    return time.replace(microsecond=time.microsecond // 1000 * 1000)


def iso(time: datetime) -> str:
    """Write a time as UTC ISO 8601 to the millisecond: `2026-01-31T09:30:00.125Z`."""
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
