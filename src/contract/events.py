"""Every event of the saga, each an extension of the event that it follows."""

from contract.values import (
    Amount,
    Currency,
    CustomerId,
    FailureReason,
    OrderId,
    PaymentMethod,
    Quantity,
    Reference,
    Sku,
    Url,
)
from saga.event import Event, Timestamp


class OrderEvent(Event, source="order-saga", key="order_id"):
    """What happened to an order."""

    order_id: OrderId
    created_at: Timestamp


class OrderCreated(OrderEvent, status="CREATED", stoppable=True):
    """A customer placed an order."""

    customer_id: CustomerId
    sku: Sku
    quantity: Quantity
    amount: Amount
    currency: Currency
    payment_method: PaymentMethod | None = None


class InventoryReserved(OrderCreated, stoppable=True):
    """The pieces were taken from stock for this order."""

    reservation_id: Reference


class PaymentPending(InventoryReserved, waits=True, stoppable=True):
    """The payment is neither made nor refused yet: the customer or a bank has to act."""

    next_action_url: Url | None = None


class PaymentCharged(InventoryReserved, follows=(InventoryReserved, PaymentPending)):
    """The card was charged: the pivot, from here on the order is to be shipped."""

    payment_id: Reference


class ShippingScheduled(PaymentCharged, terminal=True):
    """The carrier took the parcel: the order is done."""

    tracking_number: Reference


class ShippingFailed(PaymentCharged):
    """The carrier refused the parcel: the payment is to be refunded."""

    failure_reason: FailureReason


class PaymentFailed(InventoryReserved, follows=(InventoryReserved, PaymentPending)):
    """The card was declined: no money moved, the reservation is to be released."""

    failure_reason: FailureReason


class PaymentAbandoned(InventoryReserved, follows=(InventoryReserved, PaymentPending), formerly=("PAYMENT_TIMED_OUT",)):
    """The payment was given up without knowing whether it was made: whatever was charged is to be voided."""

    failure_reason: FailureReason


class PaymentRefunded(InventoryReserved, follows=(ShippingFailed, PaymentAbandoned), compensates=PaymentCharged):
    """No money is held for this order any more: the reservation is to be released."""

    failure_reason: FailureReason
    refund_id: Reference


class RefundRefused(InventoryReserved, follows=(ShippingFailed, PaymentAbandoned), keeps=True):
    """The payment cannot be undone, as one that was charged back: the reservation is to be released all the same."""

    failure_reason: FailureReason
    refund_failure_reason: FailureReason


class InventoryReleased(
    InventoryReserved,
    follows=(PaymentFailed, PaymentRefunded, RefundRefused),
    compensates=InventoryReserved,
    terminal=True,
):
    """The pieces are back in stock: the order is fully compensated."""

    failure_reason: FailureReason


class InventoryFailed(OrderCreated, terminal=True):
    """There was no stock, or no time left: the order ends here, with nothing to compensate."""

    failure_reason: FailureReason
