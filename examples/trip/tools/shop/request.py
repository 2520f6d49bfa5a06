"""The request that starts a saga, for the document of the HTTP API."""

from trips import http
from trips.new_trip import IdempotencyKey
from trips.new_trip import NewTrip as NewSaga

__all__ = ["CANCELLED", "LARGEST", "OWNER", "REFUSED", "SAMPLE", "IdempotencyKey", "NewSaga"]

LARGEST = http.LARGEST
SAMPLE = "request-trip.json"
"""Its sample, in `events/`."""
OWNER = "traveller"
"""Whose an idempotency key is."""
REFUSED = ("seats", "Input should be greater than or equal to 1")
"""A field that may be wrong, and what is then said of it."""
CANCELLED: tuple[str, str] | None = None
"""Statuses at which a cancelled one may be in flight, and have ended; None if customers cannot cancel."""
