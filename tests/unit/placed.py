"""An order that a customer placed, as its events have it."""

from typing import Any

from tools.operating.watch.tap import Envelope

ORDER: dict[str, Any] = {
    "orderId": "3f2b8c1e-0000-4000-8000-000000000001",
    "createdAt": "2026-01-31T09:30:00.125Z",
    "customerId": "CUST-1",
    "sku": "BOOK",
    "quantity": 1,
    "amount": 4200,
    "currency": "USD",
}


def envelope(detail_type: str, detail: Any = None, time: str = "2026-01-31T09:30:00Z", **other: str) -> Envelope:
    """Return an event of it as EventBridge hands it on."""
    return {"id": "1a2b3c4d-5e6f", "time": time, "detail-type": detail_type, "detail": detail or ORDER, **other}
