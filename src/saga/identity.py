"""Ids that follow from what they name, so that a repeated step repeats the same event."""

from uuid import NAMESPACE_URL, UUID, uuid5

NAMESPACE: UUID = uuid5(NAMESPACE_URL, "order-saga")


def derived_id(kind: str, name: str) -> str:
    """Give the one id of this kind for this name: `derived_id("reservation", order_id)` (RFC 9562, UUID version 5)."""
    return str(uuid5(NAMESPACE, f"{kind}:{name}"))
