"""The ways that an order can go, each with an order that goes it."""

from tools.shop.trigger import Trigger

TRIGGERS = {
    "happy": Trigger(
        body={"customerId": "CUST-1", "sku": "BOOK", "quantity": 1, "amount": 4200, "currency": "USD"},
        promises={"status": "SHIPPING_SCHEDULED"},
        fields=("reservationId", "paymentId", "trackingNumber"),
    ),
    "out-of-stock": Trigger(
        body={"customerId": "CUST-1", "sku": "OUT-OF-STOCK", "quantity": 1, "amount": 4200, "currency": "USD"},
        promises={"status": "INVENTORY_FAILED", "failureReason": "out of stock"},
        fields=(),
    ),
    "decline": Trigger(
        body={"customerId": "CUST-DECLINE", "sku": "BOOK", "quantity": 1, "amount": 4200, "currency": "USD"},
        promises={"status": "INVENTORY_RELEASED", "failureReason": "card declined"},
        fields=("reservationId",),
    ),
    "undeliverable": Trigger(
        body={"customerId": "CUST-UNDELIVERABLE", "sku": "BOOK", "quantity": 1, "amount": 4200, "currency": "USD"},
        promises={"status": "INVENTORY_RELEASED", "failureReason": "address undeliverable"},
        fields=("reservationId", "paymentId", "refundId"),
    ),
    "pays-later": Trigger(
        body={"customerId": "CUST-PAYS-LATER", "sku": "BOOK", "quantity": 1, "amount": 4200, "currency": "USD"},
        promises={"status": "SHIPPING_SCHEDULED"},
        fields=("reservationId", "paymentId", "trackingNumber"),
    ),
    "chargeback": Trigger(
        body={"customerId": "CUST-CHARGEBACK", "sku": "BOOK", "quantity": 1, "amount": 4200, "currency": "USD"},
        promises={
            "status": "INVENTORY_RELEASED",
            "failureReason": "address undeliverable",
            "refundFailureReason": "charged back by the customer",
        },
        fields=("reservationId", "paymentId"),
    ),
}
DEMO = ("happy", "out-of-stock", "decline")
"""What `make demo` shows."""
