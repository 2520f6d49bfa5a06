"""Compensation: make sure that no money is held for a failed order."""

from contract.events import PaymentAbandoned, PaymentRefunded, RefundRefused, ShippingFailed
from contract.identity import derived_id
from payments.gateway import Never, NotYet, Payment, Voided, VoidedBefore
from payments.provider import gateway
from saga.deferral import Deferral
from saga.step import step


@step
def handler(failed: ShippingFailed | PaymentAbandoned) -> PaymentRefunded | RefundRefused:
    """Void whatever was charged under the order's id, and refuse any charge that is still in progress."""
    match gateway.void(Payment.of(failed)):
        case Voided(refund_id) if refund_id:
            return PaymentRefunded.after(failed, refund_id=refund_id)
        case Voided() | VoidedBefore():
            return PaymentRefunded.after(failed, refund_id=derived_id("refund", failed.order_id))
        case Never(reason):
            return RefundRefused.after(failed, refund_failure_reason=reason)
        case NotYet():
            raise Deferral("the payment cannot be voided yet")
