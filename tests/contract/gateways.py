"""The adapters to payment providers that the conformance suite runs against. A fork adds its own."""

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
import stripe

from payments.gateway import Payment, PaymentGateway
from payments.simulated_gateway import SimulatedGateway
from tests.contract.stripe_shop import DECLINED, DECLINED_IBAN, GOOD, NEEDS_3DS, WEBHOOK_SECRET, Shop
from tests.simulation import BEGIN
from tests.simulation.faulty_wire import FaultyWire
from tests.simulation.shop.providers import SIGNATURE, BookkeepingGateway
from tests.stripe_at_hand import books
from tests.unit.books import Books
from tests.virtual_clock import VirtualClock
from tools.base.waiting import wait_for


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

    def __init__(self, request: pytest.FixtureRequest) -> None:
        folder: Path = request.getfixturevalue("tmp_path")
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

    def __init__(self, _request: pytest.FixtureRequest) -> None:
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


class AtStripe(Rehearsal):
    """Stripe's adapter, in front of Stripe at hand."""

    PAYS_LATER, CHARGES_BACK = "CUST-PAYS-LATER", "CUST-CHARGEBACK"
    VOIDS_LATER, REFUNDED_BY_HAND = "CUST-PAYS-BY-DEBIT", "CUST-REFUNDED-BY-HAND"

    def __init__(self, request: pytest.FixtureRequest) -> None:
        self._shop = Shop(request.getfixturevalue("stripe_at_hand"))
        self.gateway = self._shop.gateway

    def payment(self, customer: str) -> Payment:
        """Return a payment by the method that this customer has; the bank or the shop's owner acts as it is told."""
        debit = customer == self.VOIDS_LATER
        key, meanwhile = str(uuid4()), self._shop.rules.meanwhile
        if customer == self.CHARGES_BACK:
            meanwhile["POST .*/refunds$"] = lambda: self._shop.charge_back(key)
        if customer == self.REFUNDED_BY_HAND:
            meanwhile[r"GET .*/payment_intents/pi_\w+$"] = lambda: self._shop.refund_by_hand(key)
        return Payment(key, customer, 4999, "EUR" if debit else "USD", self._method(customer))

    def elsewhere(self) -> PaymentGateway:
        return self._shop.another_environment()

    def held(self, payment: Payment) -> int:
        return self._shop.entry(payment).kept

    def act(self, payment: Payment) -> None:
        if payment.customer_id == self.VOIDS_LATER:
            self._shop.rules.debits_are_decided = True
            assert wait_for(lambda: books.intent_of(payment.key).status != "processing", seconds=5)
        elif books.intent_of(payment.key).status == "requires_action":
            self._shop.authenticate(payment, success=True)

    def pass_by(self, time: timedelta) -> None:
        self._shop.rules.passed += time

    def signed(self, payment: Payment | None) -> tuple[Mapping[str, str], bytes]:
        body = json.dumps(self.partner_event(payment))
        return {
            "Stripe-Signature": stripe.WebhookSignature.generate_signature_header(body, WEBHOOK_SECRET)
        }, body.encode()

    def partner_event(self, payment: Payment | None) -> Mapping[str, object]:
        metadata = {"order_id": payment.key} if payment else {}
        subject = {"object": "payment_intent", "metadata": metadata}
        return {"object": "event", "type": "payment_intent.succeeded", "data": {"object": subject}}

    def _method(self, customer: str) -> str:
        match customer:
            case self.DECLINES:
                return DECLINED
            case self.PAYS_LATER:
                return self._shop.card(NEEDS_3DS)
            case self.VOIDS_LATER:
                return self._shop.debit(DECLINED_IBAN)
        return GOOD


ADAPTERS: Mapping[str, Callable[[pytest.FixtureRequest], Rehearsal]] = {
    "simulated": Simulated,
    "of the simulation": OfTheSimulation,
    "stripe": AtStripe,
}
"""A new rehearsal of each adapter, given the test's request, of which it may ask fixtures."""
