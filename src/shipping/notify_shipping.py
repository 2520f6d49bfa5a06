"""Hand the parcel to the carrier: the last step of an order that goes well."""

from contract.events import PaymentCharged, ShippingFailed, ShippingScheduled
from saga.step import step
from shipping.carrier import Refused, Shipment
from shipping.provider import carrier


@step
def handler(charged: PaymentCharged) -> ShippingScheduled | ShippingFailed:
    """Book the shipment once, under the order's id as idempotency key."""
    answer = carrier.book(Shipment(charged.order_id, charged.customer_id, charged.sku, charged.quantity))
    if isinstance(answer, Refused):
        return ShippingFailed.after(charged, failure_reason=answer.reason)
    return ShippingScheduled.after(charged, tracking_number=answer.tracking_number)
