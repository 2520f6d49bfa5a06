"""How long a pending payment may take."""

import os
from datetime import timedelta

from saga.settings import settings


def deadline_of_pending() -> timedelta:
    """Return how old an order may become before its pending payment is given up: never sooner than any other."""
    seconds = int(os.environ.get("PENDING_DEADLINE_SECONDS", "3600"))
    return max(timedelta(seconds=seconds), settings().deadline)
