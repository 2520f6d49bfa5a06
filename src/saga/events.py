"""The contract: every event of the saga.

An event extends the event that it follows and carries all its fields, so no service has to look anything up. This
chain of types is the state machine as well: `saga.transitions` derives every status and every allowed move from it.
"""

from datetime import timedelta
from typing import Annotated, Any, ClassVar, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, PlainSerializer, StringConstraints
from pydantic.alias_generators import to_camel, to_snake

from saga.clock import iso, now

NO_CONTROL_CHARACTERS = r"^[^\x00-\x1f\x7f]+$"

OrderId = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=NO_CONTROL_CHARACTERS)]
CustomerId = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=NO_CONTROL_CHARACTERS)]
Sku = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=NO_CONTROL_CHARACTERS)]
Quantity = Annotated[int, Field(ge=1, le=10_000, description="pieces")]
Amount = Annotated[int, Field(ge=1, le=10**12, description="in minor units of the currency, cents for USD")]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$"), Field(description="ISO 4217")]
Reference = Annotated[str, StringConstraints(min_length=1, max_length=128)]
FailureReason = Annotated[str, StringConstraints(min_length=1, max_length=256)]
# JSON has no type for time, hence not strict: the field takes ISO 8601 text and gives it back to the millisecond.
Timestamp = Annotated[AwareDatetime, Field(strict=False), PlainSerializer(iso, return_type=str)]


class Event(BaseModel):
    """What happened to an order: the detail of one EventBridge event.

    On the wire it is a flat JSON object in camelCase. Unknown fields are ignored (tolerant reader); a missing or
    ill-typed one raises `pydantic.ValidationError`, nothing is coerced.
    """

    model_config = ConfigDict(
        alias_generator=to_camel,
        validate_by_name=True,
        serialize_by_alias=True,
        frozen=True,
        strict=True,
        extra="ignore",
        defer_build=True,
    )

    detail_type: ClassVar[str]
    status: ClassVar[str]
    follows: ClassVar[tuple[type["Event"], ...]]
    compensates: ClassVar[type["Event"] | None]
    terminal: ClassVar[bool]

    order_id: OrderId
    created_at: Timestamp

    def __init_subclass__(
        cls,
        follows: tuple[type["Event"], ...] | None = None,
        compensates: type["Event"] | None = None,
        *,
        terminal: bool = False,
        **kwargs: Any,
    ) -> None:
        """Derive what the class says of itself: its detail-type, the order's status after it, what it may follow.

        `compensates` is the event whose effect this one takes back; a `terminal` event ends the saga.
        """
        super().__init_subclass__(**kwargs)
        cls.detail_type = cls.__name__
        cls.status = to_snake(cls.__name__).removeprefix("order_").upper()
        cls.follows = follows or tuple(base for base in cls.__bases__ if issubclass(base, Event) and base is not Event)
        cls.compensates, cls.terminal = compensates, terminal

    @classmethod
    def after(cls, consumed: "Event", **added: str) -> Self:
        """Return the event of this type that follows `consumed`: its fields that this one knows, and what it adds.

        Raises `pydantic.ValidationError` if a field is missing or ill-typed.
        """
        return cls.model_validate({**dict(consumed), **added})

    def fields(self) -> dict[str, Any]:
        """Give the event's fields as they are stored, camelCase; an optional field that is not set is left out."""
        return self.model_dump(exclude_none=True)

    def detail(self) -> str:
        """Give the event as it goes on the bus: its fields as JSON, the same bytes for the same event."""
        return self.model_dump_json(exclude_none=True)

    def is_older_than(self, age: timedelta) -> bool:
        """Tell whether the order was created longer ago than `age`."""
        return now() - self.created_at > age


class OrderCreated(Event):
    """A customer placed an order."""

    customer_id: CustomerId
    sku: Sku
    quantity: Quantity
    amount: Amount
    currency: Currency


class InventoryReserved(OrderCreated):
    """The pieces were taken off the shelf for this order."""

    reservation_id: Reference


class InventoryFailed(OrderCreated, terminal=True):
    """There was no stock, or no time left: the order ends here, nothing to compensate."""

    failure_reason: FailureReason


class PaymentCharged(InventoryReserved):
    """The card was charged: the pivot, from here on the order is to be shipped."""

    payment_id: Reference


class PaymentFailed(InventoryReserved):
    """The card was declined: no money moved, the reservation is to be released."""

    failure_reason: FailureReason


class PaymentTimedOut(InventoryReserved):
    """The order's deadline passed with its charge in doubt: whatever was charged is to be voided."""

    failure_reason: FailureReason


class ShippingScheduled(PaymentCharged, terminal=True):
    """The carrier took the parcel: the order is done."""

    tracking_number: Reference


class ShippingFailed(PaymentCharged):
    """The carrier refused the parcel: the payment is to be refunded."""

    failure_reason: FailureReason


class PaymentRefunded(InventoryReserved, follows=(ShippingFailed, PaymentTimedOut), compensates=PaymentCharged):
    """No money is held for this order any more: the reservation is to be released."""

    failure_reason: FailureReason
    refund_id: Reference


class InventoryReleased(
    InventoryReserved, follows=(PaymentFailed, PaymentRefunded), compensates=InventoryReserved, terminal=True
):
    """The pieces are back on the shelf: the order is fully compensated."""

    failure_reason: FailureReason
