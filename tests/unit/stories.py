"""The stories that an order may go through, written out from the contract and not derived from the code under test."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID, uuid4, uuid5
from zlib import crc32

from payments.gateway import Charge, Pending, Refused

PLACED = datetime(2026, 1, 31, 9, 30, 0, 125_000, tzinfo=UTC)
"""When the orders of all stories are placed."""
LATE = timedelta(minutes=15, milliseconds=1)
"""How old an order is when it is just past its deadline."""
TOO_LATE = timedelta(hours=1, milliseconds=1)
"""How old it is when it is just past the deadline of a pending payment."""

ORDERED = ("orderId", "createdAt", "customerId", "sku", "quantity", "amount", "currency", "paymentMethod")
RESERVED = (*ORDERED, "reservationId")
CHARGED = (*RESERVED, "paymentId")
OPTIONAL = {"paymentMethod", "nextActionUrl"}
FIELDS = {
    "OrderCreated": ORDERED,
    "InventoryReserved": RESERVED,
    "InventoryFailed": (*ORDERED, "failureReason"),
    "PaymentPending": (*RESERVED, "nextActionUrl"),
    "PaymentCharged": CHARGED,
    "PaymentFailed": (*RESERVED, "failureReason"),
    "PaymentAbandoned": (*RESERVED, "failureReason"),
    "ShippingScheduled": (*CHARGED, "trackingNumber"),
    "ShippingFailed": (*CHARGED, "failureReason"),
    "PaymentRefunded": (*RESERVED, "failureReason", "refundId"),
    "RefundRefused": (*RESERVED, "failureReason", "refundFailureReason"),
    "InventoryReleased": (*RESERVED, "failureReason"),
}
STATUS = {
    "OrderCreated": "CREATED",
    "InventoryReserved": "INVENTORY_RESERVED",
    "InventoryFailed": "INVENTORY_FAILED",
    "PaymentPending": "PAYMENT_PENDING",
    "PaymentCharged": "PAYMENT_CHARGED",
    "PaymentFailed": "PAYMENT_FAILED",
    "PaymentAbandoned": "PAYMENT_ABANDONED",
    "ShippingScheduled": "SHIPPING_SCHEDULED",
    "ShippingFailed": "SHIPPING_FAILED",
    "PaymentRefunded": "PAYMENT_REFUNDED",
    "RefundRefused": "REFUND_REFUSED",
    "InventoryReleased": "INVENTORY_RELEASED",
}
FINAL = {"InventoryFailed", "ShippingScheduled", "InventoryReleased"}
CONSUMED_BY = {
    "OrderCreated": "ReserveInventory",
    "InventoryReserved": "ChargePayment",
    "PaymentPending": "ConfirmPayment",
    "PaymentCharged": "NotifyShipping",
    "PaymentFailed": "ReleaseInventory",
    "PaymentRefunded": "ReleaseInventory",
    "RefundRefused": "ReleaseInventory",
    "PaymentAbandoned": "RefundPayment",
    "ShippingFailed": "RefundPayment",
}
SERVICE_OF = {
    "CreateOrder": "orders",
    "GetOrder": "orders",
    "CancelOrder": "orders",
    "RecoverOrders": "orders",
    "ReserveInventory": "inventory",
    "ReleaseInventory": "inventory",
    "ChargePayment": "payments",
    "ConfirmPayment": "payments",
    "ReceivePaymentHint": "payments",
    "RefundPayment": "payments",
    "NotifyShipping": "shipping",
}
PUBLISHED_BY = {
    "OrderCreated": ("CreateOrder",),
    "InventoryReserved": ("ReserveInventory",),
    "InventoryFailed": ("ReserveInventory",),
    "PaymentPending": ("ChargePayment",),
    "PaymentCharged": ("ChargePayment", "ConfirmPayment"),
    "PaymentFailed": ("ChargePayment", "ConfirmPayment"),
    "PaymentAbandoned": ("ChargePayment", "ConfirmPayment"),
    "ShippingScheduled": ("NotifyShipping",),
    "ShippingFailed": ("NotifyShipping",),
    "PaymentRefunded": ("RefundPayment",),
    "RefundRefused": ("RefundPayment",),
    "InventoryReleased": ("ReleaseInventory",),
}


def wire_time(time: datetime) -> str:
    """Write a time as the contract has it."""
    return time.strftime("%Y-%m-%dT%H:%M:%S.") + f"{time.microsecond // 1000:03}Z"


def derived(kind: str, name: str) -> str:
    """Return an id as the contract has it."""
    return str(uuid5(UUID("ee29a3c5-4e76-5955-8dd4-3fe5bf0e39a8"), f"{kind}:{name}"))


def event_id(event: str, order_id: str) -> str:
    """Return an event's id as the contract has it."""
    return str(uuid5(UUID("0d4f3f0c-6a0b-5a3e-9f57-6b0f6a3f8a11"), f"{event}:{order_id}"))


@dataclass(frozen=True)
class Story:
    """A path through the saga, and what makes an order take it."""

    name: str
    path: tuple[str, ...]
    customer: str = "CUST-1"
    stock: int = 10
    reason: str = "never said"
    late_from: int = 99
    """From which event of the path on the order is overdue."""
    late: timedelta = LATE
    """How old it is then."""
    says: Mapping[str, Charge] = field(default_factory=dict)
    """What the payment provider answers in this story, by operation; else it is the simulated one's answer."""

    def __str__(self) -> str:
        return self.name


HAPPY = Story("happy", ("OrderCreated", "InventoryReserved", "PaymentCharged", "ShippingScheduled"))
OUT_OF_STOCK = Story("out of stock", ("OrderCreated", "InventoryFailed"), stock=1, reason="out of stock")
DECLINED = Story(
    "declined",
    ("OrderCreated", "InventoryReserved", "PaymentFailed", "InventoryReleased"),
    customer="CUST-DECLINE",
    reason="card declined",
)
UNDELIVERABLE = Story(
    "undeliverable",
    ("OrderCreated", "InventoryReserved", "PaymentCharged", "ShippingFailed", "PaymentRefunded", "InventoryReleased"),
    customer="CUST-UNDELIVERABLE",
    reason="address undeliverable",
)
TIMED_OUT = Story(
    "timed out",
    ("OrderCreated", "InventoryReserved", "PaymentAbandoned", "PaymentRefunded", "InventoryReleased"),
    reason="timed out",
    late_from=1,
)
EXPIRED = Story("expired", ("OrderCreated", "InventoryFailed"), reason="timed out", late_from=0)
PAYS_LATER = Story(
    "pays later",
    ("OrderCreated", "InventoryReserved", "PaymentPending", "PaymentCharged", "ShippingScheduled"),
    customer="CUST-PAYS-LATER",
)
DECLINED_LATER = Story(
    "declined later",
    ("OrderCreated", "InventoryReserved", "PaymentPending", "PaymentFailed", "InventoryReleased"),
    reason="the bank said no",
    says={"charge": Pending("https://pay.example/1"), "status": Refused("the bank said no")},
)
NEVER_PAID = Story(
    "never paid",
    (
        "OrderCreated",
        "InventoryReserved",
        "PaymentPending",
        "PaymentAbandoned",
        "PaymentRefunded",
        "InventoryReleased",
    ),
    reason="timed out",
    late_from=2,
    late=TOO_LATE,
    says={"charge": Pending("https://pay.example/1"), "status": Pending()},
)
CHARGED_BACK = Story(
    "charged back",
    ("OrderCreated", "InventoryReserved", "PaymentCharged", "ShippingFailed", "RefundRefused", "InventoryReleased"),
    customer="CUST-CHARGEBACK",
    reason="address undeliverable",
)
CHARGED_BACK_IN_DOUBT = Story(
    "charged back in doubt",
    ("OrderCreated", "InventoryReserved", "PaymentAbandoned", "RefundRefused", "InventoryReleased"),
    customer="CUST-CHARGEBACK",
    reason="timed out",
    late_from=1,
)
STORIES = (
    HAPPY,
    OUT_OF_STOCK,
    DECLINED,
    UNDELIVERABLE,
    TIMED_OUT,
    EXPIRED,
    PAYS_LATER,
    DECLINED_LATER,
    NEVER_PAID,
    CHARGED_BACK,
    CHARGED_BACK_IN_DOUBT,
)


@dataclass(frozen=True)
class Move:
    """One step of a story, from the event that is consumed at `at` to the next one."""

    story: Story
    at: int

    @property
    def consumed(self) -> str:
        return self.story.path[self.at]

    @property
    def published(self) -> str:
        return self.story.path[self.at + 1]

    @property
    def age(self) -> timedelta:
        """How old the order is when the step runs."""
        return self.story.late if self.at >= self.story.late_from else timedelta(seconds=self.at + 1)

    def __str__(self) -> str:
        return f"{self.story.name}: {self.consumed} to {self.published}"


MOVES = tuple(Move(story, at) for story in STORIES for at in range(len(story.path) - 1))


@dataclass(frozen=True)
class Told:
    """A story with an order and a sku of its own: every event and record as it must be, in wire format."""

    story: Story
    order_id: str = field(default_factory=lambda: str(uuid4()))
    sku: str = field(default_factory=lambda: f"SKU-{uuid4().hex[:12]}")
    quantity: int = 2

    @cached_property
    def known(self) -> dict[str, Any]:
        """Every field that the story's end knows."""
        pending = self.story.says.get("charge")
        return {
            "orderId": self.order_id,
            "createdAt": wire_time(PLACED),
            "customerId": self.story.customer,
            "sku": self.sku,
            "quantity": self.quantity,
            "amount": 4999,
            "currency": "USD",
            "paymentMethod": f"pm_{self.order_id[:8]}",
            "reservationId": derived("reservation", self.order_id),
            "paymentId": derived("payment", self.order_id),
            "trackingNumber": f"TRK-{derived('tracking', self.order_id)[:8].upper()}",
            "refundId": derived("refund", self.order_id),
            "failureReason": self.story.reason,
            "refundFailureReason": "charged back by the customer",
            **({"nextActionUrl": pending.next_action_url} if isinstance(pending, Pending) else {}),
        }

    def fields(self, event: str) -> dict[str, Any]:
        """Return what an event says of its order: what the order's record keeps of it, too."""
        return {name: self.known[name] for name in FIELDS[event] if name in self.known or name not in OPTIONAL}

    def detail(self, event: str) -> dict[str, Any]:
        """Return an event's detail, as it goes on the bus."""
        return self.fields(event) | {"eventId": event_id(event, self.order_id)}

    def record(self, at: int, times: list[datetime] | None = None) -> dict[str, Any]:
        """Return the order's item after the event at `at`; its events happened a second apart, or at `times`."""
        passed = self.story.path[: at + 1]
        times = times or self.times(at)
        item: dict[str, Any] = {}
        for event in passed:
            item |= self.fields(event)
        item |= {
            "status": STATUS[passed[-1]],
            "updatedAt": wire_time(times[-1]),
            "history": [
                {"status": STATUS[event], "at": wire_time(time)} for event, time in zip(passed, times, strict=True)
            ],
        }
        if passed[-1] not in FINAL:
            item["inFlight"] = str(crc32(self.order_id.encode()) % 10)
        return item

    def times(self, at: int) -> list[datetime]:
        """Return when the events up to `at` happened: a second apart."""
        return [PLACED + timedelta(seconds=second) for second in range(at + 1)]

    def held(self, at: int) -> int:
        """Return how many pieces the order holds after the event at `at`."""
        passed = self.story.path[: at + 1]
        return self.quantity if "InventoryReserved" in passed and "InventoryReleased" not in passed else 0
