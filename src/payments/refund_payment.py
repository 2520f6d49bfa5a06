"""Compensation: make sure that no money is held for a failed order."""

from contract.events import PaymentAbandoned, PaymentRefunded, ShippingFailed
from contract.identity import derived_id
from payments.provider import gateway
from saga.step import step


@step
def handler(failed: ShippingFailed | PaymentAbandoned) -> PaymentRefunded:
    """Void whatever was charged under the order's id, and any charge that is still under way."""
    gateway.void(key=failed.order_id)
    return PaymentRefunded.after(failed, refund_id=derived_id("refund", failed.order_id))
