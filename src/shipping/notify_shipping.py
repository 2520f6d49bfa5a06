"""Hand the parcel to the carrier: the last step of an order that goes well."""

from contract.events import PaymentCharged, ShippingFailed, ShippingScheduled
from saga.step import step
from shipping.carrier import ShipmentRefusedError
from shipping.provider import carrier


@step
def handler(charged: PaymentCharged) -> ShippingScheduled | ShippingFailed:
    """Book the shipment once, under the order's id as idempotency key."""
    try:
        tracking_number = carrier.book(charged.order_id, charged.customer_id, charged.sku, charged.quantity)
    except ShipmentRefusedError as refusal:
        return ShippingFailed.after(charged, failure_reason=str(refusal))
    return ShippingScheduled.after(charged, tracking_number=tracking_number)
