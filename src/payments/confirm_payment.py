"""Ask the provider for the outcome of a pending payment."""

from contract.events import PaymentAbandoned, PaymentCharged, PaymentFailed, PaymentPending
from payments.gateway import Paid, Payment, Pending, Refused
from payments.provider import gateway
from saga.deferral import Deferral
from saga.step import step


def give_up(pending: PaymentPending, reason: str) -> PaymentAbandoned:
    """Give up a payment that is past its deadline, or that somebody stopped; whatever is paid after this is voided."""
    return PaymentAbandoned.after(pending, failure_reason=reason)


@step(give_up=give_up, last_try=True)
def handler(pending: PaymentPending) -> PaymentCharged | PaymentFailed | PaymentAbandoned:
    """Ask whether the payment was made meanwhile, and charge nothing; while it is pending, recovery asks again."""
    match gateway.status(Payment.of(pending)):
        case Paid(payment_id):
            return PaymentCharged.after(pending, payment_id=payment_id)
        case Refused(reason):
            return PaymentFailed.after(pending, failure_reason=reason)
        case Pending():
            raise Deferral("the payment is still pending")
