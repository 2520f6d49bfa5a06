"""Charges the card, and refunds the charge. The provider is simulated: it takes any card but one."""

from typing import Any
from uuid import uuid4

from .aws import change, log, publish


def charge(event: dict[str, Any], _context: Any) -> None:
    """Charge the card, however often it is asked for."""
    log(event)
    order = event["detail"]
    if order["customerId"] == "CUST-DECLINE":
        publish("PaymentFailed", {**order, "failureReason": "card declined"})
        return
    payment_id = str(uuid4())
    change(order["orderId"], status="PAYMENT_CHARGED", reservationId=order["reservationId"], paymentId=payment_id)
    publish("PaymentCharged", {**order, "paymentId": payment_id})


def refund(event: dict[str, Any], _context: Any) -> None:
    """Refund the payment."""
    log(event)
    publish("PaymentRefunded", {**event["detail"], "refundId": str(uuid4())})
