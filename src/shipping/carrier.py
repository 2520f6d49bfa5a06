"""The port to the carrier: what the saga asks, and what it may be answered.

Put your adapter beside `simulated_carrier.py`, name it in `shipping.provider`, and add it to
`tests/contract/test_carriers.py`, which holds every adapter to what is said here.
"""

from dataclasses import dataclass
from typing import Protocol

from contract import fitting


@dataclass(frozen=True)
class Shipment:
    """The shipment of one order: all that an adapter knows of it, the same values however often it is booked."""

    key: str
    """The idempotency key, which the carrier knows as the shipper's reference: the order's id."""
    customer_id: str
    sku: str
    quantity: int


@dataclass(frozen=True)
class Booked:
    """The carrier takes the parcel, under this tracking number."""

    tracking_number: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "tracking_number", fitting.reference(self.tracking_number))


@dataclass(frozen=True)
class Refused:
    """The carrier will never take the parcel; the reason is one that a customer may read."""

    reason: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "reason", fitting.reason(self.reason))


class Carrier(Protocol):
    """What the saga asks of a carrier. The operation may be repeated, from anywhere, at any time.

    **Keys.** A carrier knows a shipment by the shipper's reference for good: booking comes after the pivot and is
    repeated for as long as it takes, so an adapter to a carrier that forgets keeps that memory itself.

    **Answers.** One of the two types. Texts are given as the carrier has them, of any length: the answers cut them to
    fit. Any exception means that nothing is known, and the booking is repeated. It is `saga.deferral.UnreachableError`
    for a carrier that does not answer, or only that it cannot now: no connection, a timeout, 429, a 5xx;
    `KeyRefusedError` for one that refuses us, 401 or 403. Then the step waits, and recovery brings its event again.
    Python's own `ConnectionError` and `TimeoutError` count as the first. Everything else is taken for a bug. Messages
    may be logged: they name no customer and no address.

    **Time.** `ProviderTimeoutSeconds` covers a whole booking, with all its calls and repetitions; `shipping.provider`
    enforces it for any adapter.
    """

    def book(self, shipment: Shipment) -> Booked | Refused:
        """Book one shipment under this key. Repeated, it returns the first answer."""
