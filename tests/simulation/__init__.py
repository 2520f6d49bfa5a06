"""The proof that nothing is lost and nothing happens twice: the real handlers in a world that fails on purpose."""

from datetime import UTC, datetime

BEGIN = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
"""When each simulation begins."""
