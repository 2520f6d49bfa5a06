"""The request that starts a saga, for the document of the HTTP API."""

from orders.http import LARGEST
from orders.new_order import IdempotencyKey
from orders.new_order import NewOrder as NewSaga

__all__ = ["CANCELLED", "LARGEST", "OWNER", "REFUSED", "SAMPLE", "IdempotencyKey", "NewSaga"]

SAMPLE = "create-order.json"
"""Its sample, in `events/`."""
OWNER = "customer"
"""Whose an idempotency key is."""
REFUSED = ("quantity", "Input should be greater than or equal to 1")
"""A field that may be wrong, and what is then said of it."""
CANCELLED: tuple[str, str] | None = ("PAYMENT_PENDING", "INVENTORY_RELEASED")
"""Statuses at which a cancelled one may be in flight, and have ended; None if customers cannot cancel."""
