"""The request that starts a saga, for the document of the HTTP API."""

from orders.body import LARGEST
from orders.new_order import IdempotencyKey
from orders.new_order import NewOrder as NewSaga

__all__ = ["LARGEST", "OWNER", "REFUSED", "SAMPLE", "IdempotencyKey", "NewSaga"]

SAMPLE = "create-order.json"
"""Its sample, in `events/`."""
OWNER = "customer"
"""Whose an idempotency key is."""
REFUSED = ("quantity", "Input should be greater than or equal to 1")
"""A field that may be wrong, and what is then said of it."""
