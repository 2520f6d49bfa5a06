"""The adapters to payment providers that the conformance suite runs against. A fork adds its own."""

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

from payments.gateway import Payment, PaymentGateway
from payments.simulated_gateway import SimulatedGateway
from tests.simulation import BEGIN
from tests.simulation.faulty_wire import FaultyWire
from tests.simulation.shop.providers import SIGNATURE, BookkeepingGateway
from tests.unit.books import Books
from tests.virtual_clock import VirtualClock


class Rehearsal(ABC):
    """One adapter in front of its provider, or of a fake of it, for one test.

    What a provider cannot be brought to do is None, and the clauses about it are skipped for its adapter.
    """

    PAYS, DECLINES = "CUST-1", "CUST-DECLINE"
    PAYS_LATER: str | None = None
    """A customer whose payment is pending until `act`."""
    CHARGES_BACK: str | None = None
    """A customer who charges the payment back before it is voided."""
    VOIDS_LATER: str | None = None
    """A customer whose charge cannot be voided before `act`."""
    SAYS_TOO_MUCH: str | None = None
    """A customer whose payment is refused in more words than an event takes."""
    REFUNDED_BY_HAND: str | None = None
    """A customer whose payment somebody refunds in the provider's dashboard before it is voided."""

    SIGNS_THE_BODY = True
    """Whether a signature is good for one body alone."""

    gateway: PaymentGateway

    def payment(self, customer: str) -> Payment:
        """Return a new payment of this customer."""
        return Payment(key=str(uuid4()), customer_id=customer, amount=4999, currency="USD")

    @abstractmethod
    def elsewhere(self) -> PaymentGateway:
        """Return the adapter as another function has it: it shares nothing but the provider."""

    @abstractmethod
    def held(self, payment: Payment) -> int:
        """Return the money that is held under the payment's key, by the provider's own books."""

    def act(self, payment: Payment) -> None:  # noqa: B027  some need not
        """Let the customer, the bank or time do what the payment waits for."""

    def pass_by(self, time: timedelta) -> None:  # noqa: B027  the same
        """Let time pass for the provider, as far as it has a clock that can be moved."""

    def signed(self, payment: Payment | None) -> tuple[Mapping[str, str], bytes] | None:  # noqa: ARG002  to override
        """Return a webhook call that the provider signed, about a payment or about something else.

        None if this provider calls nobody.
        """
        return None

    def partner_event(self, payment: Payment | None) -> Mapping[str, object] | None:  # noqa: ARG002  the same
        """Return the detail of such an event on the provider's partner event bus, None if it has none."""
        return None

    def close(self) -> None:  # noqa: B027  the same
        """End the rehearsal, and stop what it started."""


class Simulated(Rehearsal):
    """The simulated provider that ships."""

    PAYS_LATER, CHARGES_BACK = "CUST-PAYS-LATER", "CUST-CHARGEBACK"

    def __init__(self, folder: Path) -> None:
        self._file = folder / "books.sqlite"
        self.gateway = SimulatedGateway(self._file)

    def elsewhere(self) -> PaymentGateway:
        return SimulatedGateway(self._file)

    def held(self, payment: Payment) -> int:
        return Books(self._file).held(payment.key)


class OfTheSimulation(Rehearsal):
    """The provider of the crash matrix and the random schedules."""

    PAYS_LATER, CHARGES_BACK = "CUST-PAYS-IN-A-WHILE", "CUST-CHARGEBACK"
    VOIDS_LATER, SAYS_TOO_MUCH = "CUST-REFUND-TAKES-TIME", "CUST-DECLINE-AT-LENGTH"
    REFUNDED_BY_HAND = "CUST-REFUNDED-BY-HAND"
    SIGNS_THE_BODY = False

    def __init__(self, _folder: Path) -> None:
        self._clock = VirtualClock(BEGIN)
        self._provider = BookkeepingGateway(FaultyWire(self._clock), self._clock, memory=timedelta(minutes=16))
        self.gateway = self._provider

    def elsewhere(self) -> PaymentGateway:
        return self._provider

    def held(self, payment: Payment) -> int:
        return self._provider.held(payment.key)

    def act(self, payment: Payment) -> None:  # noqa: ARG002  one clock for all
        self.pass_by(timedelta(minutes=3))

    def pass_by(self, time: timedelta) -> None:
        self._clock.advance(time)

    def signed(self, payment: Payment | None) -> tuple[Mapping[str, str], bytes]:
        return SIGNATURE, json.dumps(self._said(payment)).encode()

    def partner_event(self, payment: Payment | None) -> Mapping[str, object]:
        return self._said(payment)

    @staticmethod
    def _said(payment: Payment | None) -> Mapping[str, object]:
        return {"key": payment.key} if payment else {}


ADAPTERS: Mapping[str, Callable[[Path], Rehearsal]] = {"simulated": Simulated, "of the simulation": OfTheSimulation}
"""A new rehearsal of each adapter, given a folder of its own."""
