"""The port to the payment provider: what the saga asks, and the possible answers.

Put your adapter beside `simulated_gateway.py`, name it in `payments.provider`, and add it to
`tests/contract/test_gateways.py`, which checks every adapter against this contract.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, Self

from contract import fitting
from contract.events import InventoryReserved, PaymentCharged


@dataclass(frozen=True)
class Payment:
    """The payment of one order: all that an adapter knows of it; the values are the same in every repetition."""

    key: str
    """The idempotency key: the order's id."""
    customer_id: str
    amount: int
    """In minor units of the currency."""
    currency: str
    """ISO 4217, capitals."""
    method: str | None = None
    """The provider's token for the payment method, if the order has one."""
    provider_id: str | None = None
    """The provider's own id of the payment, if known; the key alone finds the payment too."""

    @classmethod
    def of(cls, order: InventoryReserved) -> Self:
        """Return the payment of the order that an event is about."""
        known = order.payment_id if isinstance(order, PaymentCharged) else None
        return cls(
            key=order.order_id,
            customer_id=order.customer_id,
            amount=order.amount,
            currency=order.currency,
            method=order.payment_method,
            provider_id=known if known and fitting.is_whole(known) else None,
        )


@dataclass(frozen=True)
class Paid:
    """The money was taken, under the provider's id."""

    payment_id: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "payment_id", fitting.reference(self.payment_id))


@dataclass(frozen=True)
class Refused:
    """The money was not taken and never will be under this key; customers may read the reason."""

    reason: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "reason", fitting.reason(self.reason))


@dataclass(frozen=True)
class Pending:
    """Neither taken nor refused yet: the customer, perhaps on the page given here, or a bank has to act."""

    next_action_url: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "next_action_url", fitting.url(self.next_action_url))


@dataclass(frozen=True)
class Voided:
    """No money is held under this key and none will be; `refund_id` is the provider's id of the refund, if any."""

    refund_id: str | None = None

    def __post_init__(self) -> None:
        if self.refund_id is not None:
            object.__setattr__(self, "refund_id", fitting.reference(self.refund_id))


@dataclass(frozen=True)
class VoidedBefore:
    """It was undone already, by an earlier void or by somebody in the provider's dashboard."""


@dataclass(frozen=True)
class NotYet:
    """It cannot be undone while the provider is processing it; ask again later."""


@dataclass(frozen=True)
class Never:
    """It cannot be undone, now or later, by this saga: the customer charged it back, for example."""

    reason: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "reason", fitting.reason(self.reason))


Charge = Paid | Refused | Pending
"""How a payment stands."""
Void = Voided | VoidedBefore | NotYet | Never
"""What became of a void."""


@dataclass(frozen=True)
class Hint:
    """A provider's notice that something happened to the payment under this key: a reason to ask, not an answer."""

    key: str
    refund_failed: bool = False
    """Whether a refund failed after it was made: the customer does not have the money. No later call tells that."""


class ForgedHintError(Exception):
    """The webhook's signature is not the provider's, or too old."""


class PaymentGateway(Protocol):
    """What the saga asks of a payment provider. Any operation may be repeated, from anywhere, at any time.

    **Keys.** Under one key money is taken at most once, however many calls are under way at the same time. The provider
    remembers a key, charged or voided, for longer than an order's deadline and a function's timeout together (real
    ones: a day); a void finds its charge at any age, by the key alone if `provider_id` is not known.

    **Answers.** One of the types that the operation returns. Pass on the provider's texts and ids as they are, of any
    length: the answers truncate them. Any exception means that the outcome is unknown, and the operation is repeated.
    Raise `saga.deferral.UnreachableError` if the provider does not answer or cannot serve the call now (no connection,
    a timeout, 429, a 5xx), `KeyRefusedError` if it rejects the credentials (401, 403), and `Deferral` if it asks to
    call again later. Then the step waits, and recovery publishes its event again. Python's own `ConnectionError` and
    `TimeoutError` count as the first. Any other exception counts as a bug, such as an answer that the adapter does not
    understand. Messages may be logged: they must not name a customer, a card or an address.

    **Time.** `ProviderTimeoutSeconds` covers a whole operation, with all its calls and repetitions; `payments.provider`
    enforces it for any adapter. Whatever a timed-out operation still does at the provider is found by the next one.
    """

    def charge(self, payment: Payment) -> Charge:
        """Charge the customer once under this key.

        Repeated, it returns the current state of the payment: paid stays paid, under the same id, and refused stays
        refused. After a void it returns `Refused`.
        """

    def status(self, payment: Payment) -> Charge:
        """Return the state of a payment that was pending, and charge nothing. After a void it returns `Refused`."""

    def void(self, payment: Payment) -> Void:
        """Undo the charge under this key if there is one, refund included, and refuse any later one.

        After `Voided` or `VoidedBefore` no money is held, and none ever will be: a charge under this key that is in
        progress elsewhere, or that comes later, is refused.
        """

    def webhook(self, headers: Mapping[str, str], body: bytes) -> Hint | None:
        """Return the hint of a webhook call, None if it is about no payment of this saga.

        `headers` is to be read by names of any case. Raises `ForgedHintError` unless the provider signed this body.
        """

    def partner_event(self, detail: Mapping[str, Any]) -> Hint | None:
        """Return the hint of the detail of an event from the provider's partner event bus, None if it is about none."""
