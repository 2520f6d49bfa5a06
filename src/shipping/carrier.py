"""The port to the carrier: what the saga asks, and the possible answers.

Put your adapter beside `simulated_carrier.py`, name it in `shipping.provider`, and add it to
`tests/contract/test_carriers.py`, which checks every adapter against this contract.
"""

from dataclasses import dataclass
from typing import Protocol

from contract import fitting


@dataclass(frozen=True)
class Shipment:
    """The shipment of one order: all that an adapter knows of it; the values are the same in every repetition."""

    key: str
    """The idempotency key, which the carrier knows as the shipper's reference: the order's id."""
    customer_id: str
    sku: str
    quantity: int


@dataclass(frozen=True)
class Booked:
    """The carrier accepts the parcel, under this tracking number."""

    tracking_number: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "tracking_number", fitting.reference(self.tracking_number))


@dataclass(frozen=True)
class Refused:
    """The carrier will never accept the parcel; customers may read the reason."""

    reason: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "reason", fitting.reason(self.reason))


class Carrier(Protocol):
    """What the saga asks of a carrier. The operation may be repeated, from anywhere, at any time.

    **Keys.** A carrier knows a shipment by the shipper's reference for good: booking comes after the pivot and is
    repeated for as long as it takes, so an adapter to a carrier that forgets keeps that memory itself.

    **Answers.** One of the two types. Pass on the carrier's texts as they are, of any length: the answers truncate
    them. Any exception means that the outcome is unknown, and the booking is repeated. Raise
    `saga.deferral.UnreachableError` if the carrier does not answer or cannot serve the call now (no connection, a
    timeout, 429, a 5xx), and `KeyRefusedError` if it rejects the credentials (401, 403). Then the step waits, and
    recovery publishes its event again. Python's own `ConnectionError` and `TimeoutError` count as the first. Any other
    exception counts as a bug. Messages may be logged: they must not name a customer or an address.

    **Time.** `ProviderTimeoutSeconds` covers a whole booking, with all its calls and repetitions; `shipping.provider`
    enforces it for any adapter.
    """

    def book(self, shipment: Shipment) -> Booked | Refused:
        """Book one shipment under this key. Repeated, it returns the first answer."""
