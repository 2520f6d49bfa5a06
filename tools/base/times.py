"""How the tools format times and durations."""

from datetime import UTC, datetime

SECOND, MINUTE, HOUR, DAY = 1_000, 60_000, 3_600_000, 86_400_000
"""In milliseconds."""


def clock(time: datetime) -> str:
    """Format a time of day in UTC, to the millisecond."""
    return time.astimezone(UTC).strftime("%H:%M:%S.%f")[:-3]


def span(milliseconds: float) -> str:
    """Format a duration in milliseconds, in the unit in which a person would say it."""
    if milliseconds < 10 * SECOND:
        return f"{milliseconds:.0f} ms"
    if milliseconds < 2 * MINUTE:
        return f"{milliseconds / SECOND:.1f} s"
    if milliseconds < 2 * HOUR:
        return f"{milliseconds // MINUTE:.0f} min {milliseconds % MINUTE // SECOND:.0f} s"
    if milliseconds < 2 * DAY:
        return f"{milliseconds // HOUR:.0f} h {milliseconds % HOUR // MINUTE:.0f} min"
    return f"{milliseconds // DAY:.0f} days {milliseconds % DAY // HOUR:.0f} h"
