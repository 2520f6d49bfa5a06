"""A payment gateway and a carrier with real books: what the proof counts is what they really did."""

from collections import Counter
from datetime import datetime, timedelta

from payments.gateway import PaymentRefusedError
from shipping.carrier import ShipmentRefusedError
from tests.simulation.faulty_wire import FaultyWire
from tests.simulation.provider import KeyReusedError, Provider
from tests.virtual_clock import VirtualClock

DECLINED, UNDELIVERABLE = "CUST-DECLINE", "CUST-UNDELIVERABLE"


class BookkeepingGateway(Provider):
    """A `PaymentGateway` that forgets idempotency keys and voids after a while, but no money.

    It keeps the contract and not more: a charge under a forgotten key takes the money once more. A void finds every
    charge under its key, however old: those stand in the books.
    """

    def __init__(
        self, wire: FaultyWire, clock: VirtualClock, memory: timedelta, *, remembers_voids: bool = True
    ) -> None:
        super().__init__(wire, clock)
        self._memory, self._remembers_voids = memory, remembers_voids
        self._answers: dict[str, tuple[datetime, tuple[str, int, str], str | None]] = {}
        self._voided: dict[str, datetime] = {}
        self.taken: Counter[str] = Counter()
        self.held: Counter[str] = Counter()
        self.payments: dict[str, list[str]] = {}
        self.declined: set[str] = set()

    def charge(self, key: str, customer_id: str, amount: int, currency: str) -> str:
        payment_id: str = self._carry("charge", lambda: self._charge(key, (customer_id, amount, currency)))
        if self._wire.current:
            self._wire.current.done_outside.append(key)
        return payment_id

    def void(self, key: str) -> None:
        self._carry("void", lambda: self._void(key))

    def _charge(self, key: str, what: tuple[str, int, str]) -> str:
        if self._remembers(self._voided.get(key)):
            raise PaymentRefusedError("payment voided")
        known = self._answers.get(key)
        if known is None or not self._remembers(known[0]):
            known = self._answers[key] = (self._clock.time, what, self._take(key, *what))
        _, before, payment_id = known
        if before != what:
            raise KeyReusedError(f"{key} was charged for {before} and now for {what}")
        if payment_id is None:
            raise PaymentRefusedError("card declined")
        return payment_id

    def _take(self, key: str, customer_id: str, amount: int, _currency: str) -> str | None:
        if customer_id == DECLINED:
            self.declined.add(key)
            return None
        self.taken[key] += 1
        self.held[key] += amount
        payment_id = f"payment-{self.taken.total()}"
        self.payments.setdefault(key, []).append(payment_id)
        return payment_id

    def _void(self, key: str) -> None:
        self.held[key] = 0
        if self._remembers_voids:
            self._voided[key] = self._clock.time

    def _remembers(self, since: datetime | None) -> bool:
        return since is not None and self._clock.time - since <= self._memory


class BookkeepingCarrier(Provider):
    """A `Carrier` that knows a shipment by its reference for good, or for `memory` if it is worse than its contract."""

    def __init__(self, wire: FaultyWire, clock: VirtualClock, memory: timedelta | None = None) -> None:
        super().__init__(wire, clock)
        self._memory = memory
        self._answers: dict[str, tuple[datetime, tuple[str, str, int], str | None]] = {}
        self.shipments: dict[str, list[str]] = {}
        self.refused: set[str] = set()

    def book(self, key: str, customer_id: str, sku: str, quantity: int) -> str:
        tracking_number: str = self._carry("book", lambda: self._book(key, (customer_id, sku, quantity)))
        return tracking_number

    def _book(self, key: str, what: tuple[str, str, int]) -> str:
        known = self._answers.get(key)
        if known is None or (self._memory is not None and self._clock.time - known[0] > self._memory):
            known = self._answers[key] = (self._clock.time, what, self._ship(key, what[0]))
        _, before, tracking_number = known
        if before != what:
            raise KeyReusedError(f"{key} was booked for {before} and now for {what}")
        if tracking_number is None:
            raise ShipmentRefusedError("address undeliverable")
        return tracking_number

    def _ship(self, key: str, customer_id: str) -> str | None:
        if customer_id == UNDELIVERABLE:
            self.refused.add(key)
            return None
        tracking_number = f"TRK-{sum(map(len, self.shipments.values())) + 1:08X}"
        self.shipments.setdefault(key, []).append(tracking_number)
        return tracking_number
