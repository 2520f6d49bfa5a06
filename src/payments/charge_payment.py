"""Charge the card: the pivot of the saga."""

from contract.events import InventoryReserved, PaymentAbandoned, PaymentCharged, PaymentFailed, PaymentPending
from payments.gateway import NotYet, Paid, Payment, Pending, Refused
from payments.provider import gateway
from saga.deferral import Deferral
from saga.step import step


def give_up(reserved: InventoryReserved, reason: str) -> PaymentAbandoned:
    """Give up a payment that is past its deadline, or that somebody stopped; it may have been charged."""
    return PaymentAbandoned.after(reserved, failure_reason=reason)


def void(charged: PaymentCharged) -> None:
    """Void a charge whose order has meanwhile taken another branch."""
    if isinstance(gateway.void(Payment.of(charged)), NotYet):
        raise Deferral("the charge cannot be voided yet")


@step(give_up=give_up, undo={PaymentCharged: void})
def handler(reserved: InventoryReserved) -> PaymentCharged | PaymentPending | PaymentFailed | PaymentAbandoned:
    """Charge the card once, under the order's id as idempotency key."""
    match gateway.charge(Payment.of(reserved)):
        case Paid(payment_id):
            return PaymentCharged.after(reserved, payment_id=payment_id)
        case Pending(next_action_url):
            return PaymentPending.after(reserved, next_action_url=next_action_url)
        case Refused(reason):
            return PaymentFailed.after(reserved, failure_reason=reason)
