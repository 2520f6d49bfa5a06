"""Ids that are derived from what they name, so that a repeated step publishes the same event again."""

from uuid import UUID, uuid5

NAMESPACE = UUID("ee29a3c5-4e76-5955-8dd4-3fe5bf0e39a8")
"""It must not change while there are orders: all their ids are derived from it."""


def derived_id(kind: str, name: str) -> str:
    """Return the id of this kind for this name: `derived_id("reservation", order_id)` (RFC 9562, UUID version 5)."""
    return str(uuid5(NAMESPACE, f"{kind}:{name}"))
