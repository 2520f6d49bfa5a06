"""Charge the card: the pivot of the saga."""

from contract.events import InventoryReserved, PaymentAbandoned, PaymentCharged, PaymentFailed
from payments.gateway import PaymentRefusedError
from payments.provider import gateway
from saga.step import step


def timed_out(reserved: InventoryReserved) -> PaymentAbandoned:
    """Give up the payment of an order that is past its deadline; an earlier attempt may have been charged."""
    return PaymentAbandoned.after(reserved, failure_reason="timed out")


def void(charged: PaymentCharged) -> None:
    """Void a charge whose order went another way meanwhile."""
    gateway.void(key=charged.order_id)


@step(on_deadline=timed_out, undo={PaymentCharged: void})
def handler(reserved: InventoryReserved) -> PaymentCharged | PaymentFailed | PaymentAbandoned:
    """Charge the card once, under the order's id as idempotency key."""
    try:
        payment_id = gateway.charge(reserved.order_id, reserved.customer_id, reserved.amount, reserved.currency)
    except PaymentRefusedError as refusal:
        return PaymentFailed.after(reserved, failure_reason=str(refusal))
    return PaymentCharged.after(reserved, payment_id=payment_id)
