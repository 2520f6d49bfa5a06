"""A live tail of the bus: each event as it passes."""

from datetime import timedelta

LONGEST = timedelta(hours=12)
"""A watch ends by itself then, long before another would take its rule and queue for leftovers."""
