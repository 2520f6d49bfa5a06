"""The request that starts a saga, for the document of the HTTP API."""

from orders.new_order import LARGEST, IdempotencyKey
from orders.new_order import NewOrder as NewSaga

__all__ = ["LARGEST", "REFUSED", "SAMPLE", "IdempotencyKey", "NewSaga"]

SAMPLE = "create-order.json"
"""Its sample, in `events/`."""
REFUSED = ("quantity", "Input should be greater than or equal to 1")
"""A field that may be wrong, and what is then said of it."""
