"""A payment gateway and a carrier with real books: what the proof counts is what they really did."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from payments.gateway import (
    Charge,
    ForgedHintError,
    Hint,
    Never,
    NotYet,
    Paid,
    Payment,
    PaymentGateway,
    Pending,
    Refused,
    Void,
    Voided,
    VoidedBefore,
)
from shipping import carrier
from shipping.carrier import Booked, Shipment
from tests.simulation.deployment import deployment
from tests.simulation.faulty_wire import FaultyWire
from tests.simulation.provider import KeyReusedError, Provider
from tests.simulation.shop.customers import CUSTOMERS, Behaviour
from tests.virtual_clock import VirtualClock

SIGNATURE = {"Provider-Signature": "the provider's own"}


class Gateway(PaymentGateway, Protocol):
    """A `PaymentGateway` whose provider keeps books that the proof may look into."""

    down: bool

    def held(self, key: str) -> int:
        """Return the money that is held under a key by now."""

    def taken(self) -> dict[str, list[str]]:
        """Return the provider's ids of the times that money was taken, by key."""

    @property
    def refusals(self) -> Mapping[str, str]:
        """What was said of the payments that were refused, by key."""

    @property
    def refund_refusals(self) -> Mapping[str, tuple[str, int]]:
        """What was said of the voids that were refused, and the money that is kept, by key."""


@dataclass
class Entry:
    """What the gateway's books say of one payment."""

    payment: Payment
    since: datetime
    """When the key was first used, or used again after it was forgotten."""
    refused: bool = False
    pending: bool = False
    taken: list[str] = field(default_factory=list)
    """The provider's id of each time that money was taken."""
    held: int = 0
    voided: datetime | None = None


class Hinting:
    """The part of a gateway that takes the simulation's own hints, whoever its provider is."""

    def webhook(self, headers: Mapping[str, str], body: bytes) -> Hint | None:
        """Return the hint of a call that the provider signed. Raises `ForgedHintError` for any other."""
        if not SIGNATURE.items() <= dict(headers).items():
            raise ForgedHintError("not signed by the provider")
        return self.partner_event(json.loads(body))

    def partner_event(self, detail: Mapping[str, Any]) -> Hint | None:
        return Hint(detail["key"]) if "key" in detail else None


class BookkeepingGateway(Hinting, Provider):
    """A `PaymentGateway` that forgets idempotency keys and voids after a while, but no money.

    It keeps the contract and not more: a charge under a forgotten key takes the money once more. A void finds every
    charge under its key, however old: those stand in the books. What a customer does meanwhile, and what is said of
    it, is told by `customers`.
    """

    def __init__(
        self, wire: FaultyWire, clock: VirtualClock, memory: timedelta, *, remembers_voids: bool = True
    ) -> None:
        super().__init__(wire, clock)
        self._memory, self._remembers_voids = memory, remembers_voids
        self._books: dict[str, Entry] = {}
        self.refusals: dict[str, str] = {}
        """What was said of the payments that were refused, by key."""
        self.refund_refusals: dict[str, tuple[str, int]] = {}
        """What was said of the voids that were refused, and the money that is kept, by key."""

    def charge(self, payment: Payment) -> Charge:
        answer: Charge = self._carry("charge", lambda: self._charge(payment))
        if self._wire.current and isinstance(answer, Paid):
            self._wire.current.done_outside.append(payment.key)
        return answer

    def status(self, payment: Payment) -> Charge:
        answer: Charge = self._carry("status", lambda: self._standing(self._entry(payment)))
        return answer

    def void(self, payment: Payment) -> Void:
        answer: Void = self._carry("void", lambda: self._void(payment))
        if self._wire.current and isinstance(answer, NotYet):
            self._wire.current.fired.append("is told at void: not yet")
        return answer

    # --- what the proof looks at -----------------------------------------------------------------------------------

    def held(self, key: str) -> int:
        """Return the money that is held under a key by now."""
        entry = self._books.get(key)
        if entry is None:
            return 0
        self._let_the_customer_act(entry)
        return entry.held

    def taken(self) -> dict[str, list[str]]:
        """Return the provider's ids of the times that money was taken, by key."""
        return {key: entry.taken for key, entry in self._books.items() if entry.taken}

    # --- how it goes -----------------------------------------------------------------------------------------------

    def _entry(self, payment: Payment) -> Entry:
        entry = self._books.setdefault(payment.key, Entry(payment, self._clock.time))
        before, now = ((each.customer_id, each.amount, each.currency) for each in (entry.payment, payment))
        if before != now:
            raise KeyReusedError(f"{payment.key} was used for {before} and now for {now}")
        self._let_the_customer_act(entry)
        return entry

    def _charge(self, payment: Payment) -> Charge:
        known, entry = payment.key in self._books, self._entry(payment)
        if self._remembers(entry.voided):
            return Refused("payment voided")
        if known and (entry.taken or entry.refused or entry.pending) and self._remembers(entry.since):
            return self._standing(entry)
        behaviour = _of(payment)
        entry.since = self._clock.time
        entry.refused = behaviour.refusal is not None and behaviour.pays_after is None
        entry.pending = behaviour.pays_after is not None
        if not entry.refused and not entry.pending:
            self._take(entry)
        return self._standing(entry)

    def _standing(self, entry: Entry) -> Charge:
        if self._remembers(entry.voided):
            return Refused("payment voided")
        if entry.pending:
            return Pending("https://pay.example/" + entry.payment.key)
        if entry.refused:
            said = self.refusals[entry.payment.key] = _of(entry.payment).refusal or ""
            return Refused(said)
        return Paid(entry.taken[0])

    def _take(self, entry: Entry) -> None:
        number = sum(len(each.taken) for each in self._books.values()) + 1
        entry.taken.append(f"payment-{number}" + "-" * _of(entry.payment).length_of_ids)
        entry.held += entry.payment.amount

    def _let_the_customer_act(self, entry: Entry) -> None:
        behaviour = _of(entry.payment)
        if entry.pending and self._clock.time - entry.since >= (behaviour.pays_after or timedelta()):
            entry.pending = False
            entry.refused = behaviour.refusal is not None
            if not entry.refused:
                self._take(entry)

    def _void(self, payment: Payment) -> Void:
        entry, behaviour = self._entry(payment), _of(payment)
        if entry.taken and self._clock.time - entry.since < behaviour.voids_after:
            return NotYet()
        before, entry.pending = entry.voided, False
        if self._remembers_voids:
            entry.voided = self._clock.time
        if behaviour.void_refusal is not None and entry.taken:
            self.refund_refusals[payment.key] = (behaviour.void_refusal, entry.held)
            return Never(behaviour.void_refusal)
        entry.held = 0
        return VoidedBefore() if before or behaviour.refunded_by_hand else Voided("refund-" + payment.key)

    def _remembers(self, since: datetime | None) -> bool:
        return since is not None and self._clock.time - since <= self._memory


def bookkeeping(wire: FaultyWire, clock: VirtualClock, *, remembers_voids: bool = True) -> BookkeepingGateway:
    """Return a gateway whose memory is as short as the contract allows."""
    # A charge begun in time may go on for as long as its function may run.
    memory = deployment().deadline + deployment().functions["ChargePayment"].timeout
    return BookkeepingGateway(wire, clock, memory, remembers_voids=remembers_voids)


class BookkeepingCarrier(Provider):
    """A `Carrier` that knows a shipment by its reference for good, or for `memory` if it is worse than its contract."""

    def __init__(self, wire: FaultyWire, clock: VirtualClock, memory: timedelta | None = None) -> None:
        super().__init__(wire, clock)
        self._memory = memory
        self._answers: dict[str, tuple[datetime, Shipment, Booked | carrier.Refused]] = {}
        self.shipments: dict[str, list[str]] = {}
        self.refusals: dict[str, str] = {}
        """What was said of the parcels that were refused, by key."""

    def book(self, shipment: Shipment) -> Booked | carrier.Refused:
        answer: Booked | carrier.Refused = self._carry("book", lambda: self._book(shipment))
        return answer

    def _book(self, shipment: Shipment) -> Booked | carrier.Refused:
        known = self._answers.get(shipment.key)
        if known is None or (self._memory is not None and self._clock.time - known[0] > self._memory):
            known = self._answers[shipment.key] = (self._clock.time, shipment, self._ship(shipment))
        _, before, answer = known
        if before != shipment:
            raise KeyReusedError(f"{shipment.key} was booked for {before} and now for {shipment}")
        return answer

    def _ship(self, shipment: Shipment) -> Booked | carrier.Refused:
        behaviour = CUSTOMERS.get(shipment.customer_id, Behaviour())
        if behaviour.undeliverable is not None:
            said = self.refusals[shipment.key] = behaviour.undeliverable
            return carrier.Refused(said)
        number: Any = sum(map(len, self.shipments.values())) + 1
        # A carrier's number may be a number, in its JSON.
        tracking_number = f"TRK-{number:08X}" if not behaviour.length_of_ids else 10**behaviour.length_of_ids + number
        self.shipments.setdefault(shipment.key, []).append(tracking_number)
        return Booked(tracking_number)


def _of(payment: Payment) -> Behaviour:
    return CUSTOMERS.get(payment.customer_id, Behaviour())
