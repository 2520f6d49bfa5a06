"""The deadline of an order."""

from saga.events import Event
from saga.settings import settings

TIMED_OUT = "timed out"
"""Why an order was given up that is past its deadline."""


def overdue(consumed: Event) -> bool:
    """Tell whether an order is past its deadline.

    Up to the charge, a step refuses such an order. Providers remember an idempotency key for longer than that, so
    only an overdue event needs its order read before it is acted on.
    """
    return consumed.is_older_than(settings().deadline)
