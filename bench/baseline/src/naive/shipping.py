"""Books the shipment. The carrier is simulated: it delivers to everybody but one."""

from typing import Any
from uuid import uuid4

from .aws import change, log, publish


def notify(event: dict[str, Any], _context: Any) -> None:
    """Hand the parcel to the carrier: the last step of an order that goes well."""
    log(event)
    order = event["detail"]
    if order["customerId"] == "CUST-UNDELIVERABLE":
        publish("ShippingFailed", {**order, "failureReason": "address undeliverable"})
        return
    tracking_number = f"TRK-{uuid4().hex[:8].upper()}"
    change(order["orderId"], status="SHIPPING_SCHEDULED", trackingNumber=tracking_number)
    publish("ShippingScheduled", {**order, "trackingNumber": tracking_number})
