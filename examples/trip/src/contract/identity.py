"""Ids that follow from what they name, so that a repeated step repeats the same event."""

from uuid import UUID, uuid5

NAMESPACE = UUID("4d9eb005-78ca-5fa3-bc2d-25c46e723535")
"""Stays as it is for as long as there are trips: all their ids follow from it."""


def derived_id(kind: str, name: str) -> str:
    """Return the id of this kind for this name: `derived_id("flight-booking", trip_id)` (RFC 9562, UUID version 5)."""
    return str(uuid5(NAMESPACE, f"{kind}:{name}"))
