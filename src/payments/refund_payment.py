"""Compensation: see to it that no money is held for a failed order."""

from payments.provider import gateway
from saga.events import PaymentRefunded, PaymentTimedOut, ShippingFailed
from saga.identity import derived_id
from saga.step import step


@step
def handler(failed: ShippingFailed | PaymentTimedOut) -> PaymentRefunded:
    """Void whatever was charged under the order's id, and any charge that is still on its way."""
    gateway.void(key=failed.order_id)
    return PaymentRefunded.after(failed, refund_id=derived_id("refund", failed.order_id))
