"""Charge the card: the pivot of the saga."""

from payments.gateway import PaymentRefusedError
from payments.provider import gateway
from saga.deadline import TIMED_OUT, overdue
from saga.events import InventoryReserved, PaymentCharged, PaymentFailed, PaymentTimedOut
from saga.step import step


def void(charged: PaymentCharged) -> None:
    """Take a charge back whose order went another way meanwhile."""
    gateway.void(key=charged.order_id)


@step(undo={PaymentCharged: void})
def handler(reserved: InventoryReserved) -> PaymentCharged | PaymentFailed | PaymentTimedOut:
    """Charge the card once, under the order's id as idempotency key."""
    if overdue(reserved):
        return PaymentTimedOut.after(reserved, failure_reason=TIMED_OUT)
    try:
        payment_id = gateway.charge(reserved.order_id, reserved.customer_id, reserved.amount, reserved.currency)
    except PaymentRefusedError as refusal:
        return PaymentFailed.after(reserved, failure_reason=str(refusal))
    return PaymentCharged.after(reserved, payment_id=payment_id)
