"""Ids that follow from what they name, so that a repeated step repeats the same event."""

from uuid import UUID, uuid5

NAMESPACE = UUID("ee29a3c5-4e76-5955-8dd4-3fe5bf0e39a8")
"""Stays as it is for as long as there are orders: all their ids follow from it."""


def derived_id(kind: str, name: str) -> str:
    """Return the id of this kind for this name: `derived_id("reservation", order_id)` (RFC 9562, UUID version 5)."""
    return str(uuid5(NAMESPACE, f"{kind}:{name}"))
