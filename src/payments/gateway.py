"""The port to the payment provider: what the saga asks, and what it may be answered.

Put your adapter beside `simulated_gateway.py`, name it in `payments.provider`, and add it to
`tests/contract/test_gateways.py`, which holds every adapter to what is said here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, Self

from contract import fitting
from contract.events import InventoryReserved, PaymentCharged


@dataclass(frozen=True)
class Payment:
    """The payment of one order: all that an adapter knows of it, the same values however often it is asked."""

    key: str
    """The idempotency key: the order's id."""
    customer_id: str
    amount: int
    """In minor units of the currency."""
    currency: str
    """ISO 4217, capitals."""
    method: str | None = None
    """The provider's token of how the customer pays, if the order carries one."""
    provider_id: str | None = None
    """The provider's own id of the payment, if it is known; it need not be: the key finds the payment as well."""

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
    """The money was not taken and never will be under this key; the reason is one that a customer may read."""

    reason: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "reason", fitting.reason(self.reason))


@dataclass(frozen=True)
class Pending:
    """Neither taken nor refused yet: the customer or a bank has to act, the customer perhaps on the page named here."""

    next_action_url: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "next_action_url", fitting.url(self.next_action_url))


@dataclass(frozen=True)
class Voided:
    """No money is held under this key and none will be; `refund_id` is the provider's id of what undid it, if any."""

    refund_id: str | None = None

    def __post_init__(self) -> None:
        if self.refund_id is not None:
            object.__setattr__(self, "refund_id", fitting.reference(self.refund_id))


@dataclass(frozen=True)
class VoidedBefore:
    """It was undone already, by an earlier void or by somebody in the provider's dashboard."""


@dataclass(frozen=True)
class NotYet:
    """It cannot be undone while the provider is at work on it; asked later, it can."""


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
    """A provider's word that something happened to the payment under this key: a reason to ask, and no answer."""

    key: str
    refund_failed: bool = False
    """Whether a refund, once made, came back: the customer does not have the money. Nobody can ask for that later."""


class ForgedHintError(Exception):
    """A webhook was not signed by the provider, or too long ago."""


class PaymentGateway(Protocol):
    """What the saga asks of a payment provider. Any operation may be repeated, from anywhere, at any time.

    **Keys.** Under one key money is taken at most once, however many calls are under way at the same time. The provider
    remembers a key, charged or voided, for longer than an order's deadline and a function's timeout together (real
    ones: a day); a void finds its charge at any age, by the key alone if `provider_id` is not known.

    **Answers.** One of the types that the operation returns. Texts and ids are given as the provider has them, of any
    length: the answers cut them to fit. Any exception means that nothing is known, and the operation is repeated. It is
    `saga.deferral.UnreachableError` for a provider that does not answer, or only that it cannot now: no connection, a
    timeout, 429, a 5xx; `KeyRefusedError` for one that refuses us, 401 or 403; `Deferral` for one that asks to come
    back later. Then the step waits, and recovery brings its event again. Python's own `ConnectionError` and
    `TimeoutError` count as the first. Everything else is taken for a bug: an answer that the adapter does not
    understand. Messages may be logged: they name no customer, card or address.

    **Time.** `ProviderTimeoutSeconds` covers a whole operation, with all its calls and repetitions; `payments.provider`
    enforces it for any adapter. What an operation that ran out of time still does outside is found by the next one.
    """

    def charge(self, payment: Payment) -> Charge:
        """Charge the customer once under this key.

        Repeated, it returns how the payment stands by now: paid stays paid, under the same id, and refused stays
        refused. After a void it returns `Refused`.
        """

    def status(self, payment: Payment) -> Charge:
        """Return how a payment stands that was pending, and charge nothing. After a void it returns `Refused`."""

    def void(self, payment: Payment) -> Void:
        """Undo the charge under this key if there is one, refund included, and refuse any later one.

        With `Voided` or `VoidedBefore` no money is held, and never will be: a charge under the key that is under way
        elsewhere, or one yet to come, is refused.
        """

    def webhook(self, headers: Mapping[str, str], body: bytes) -> Hint | None:
        """Return the hint of a webhook call, None if it is about no payment of this saga.

        `headers` is to be read by names of any case. Raises `ForgedHintError` unless the provider signed this body.
        """

    def partner_event(self, detail: Mapping[str, Any]) -> Hint | None:
        """Return the hint of the detail of an event from the provider's partner event bus, None if it is about none."""
