"""How long a pending payment may take."""

import os
from datetime import timedelta

from saga.settings import settings

PENDING_DEADLINE = "PENDING_DEADLINE_SECONDS"
"""The variable that has the deadline of an order whose payment is pending."""


def deadline_of_pending() -> timedelta:
    """Return how old an order may become before its pending payment is given up: never less than any other order."""
    return max(timedelta(seconds=int(os.environ[PENDING_DEADLINE])), settings().deadline)
