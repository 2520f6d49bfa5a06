"""The request that starts a saga, for the document of the HTTP API."""

from trips.new_trip import LARGEST, IdempotencyKey
from trips.new_trip import NewTrip as NewSaga

__all__ = ["LARGEST", "REFUSED", "SAMPLE", "IdempotencyKey", "NewSaga"]

SAMPLE = "request-trip.json"
"""Its sample, in `events/`."""
REFUSED = ("seats", "Input should be greater than or equal to 1")
"""A field that may be wrong, and what is then said of it."""
