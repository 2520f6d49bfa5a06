"""The simulated provider that ships, behind the payment port of the simulation, with or without shared books."""

from itertools import count
from pathlib import Path

from payments.gateway import Charge, Never, Paid, Payment, Refused, Void
from payments.simulated_gateway import SimulatedGateway
from tests.simulation.faulty_wire import FaultyWire
from tests.simulation.provider import Provider
from tests.simulation.shop.providers import Hinting
from tests.virtual_clock import VirtualClock


class Simulated(Hinting, Provider):
    """A `PaymentGateway` that is the one of the demo; what it holds follows from what it answered.

    On an emulator all functions share one file of books. On AWS each environment has a file of its own, and here each
    call has: nothing is remembered between calls.
    """

    def __init__(self, wire: FaultyWire, clock: VirtualClock, folder: Path, *, shared: bool) -> None:
        super().__init__(wire, clock)
        self._folder, self._shared, self._numbers = folder, shared, count(1)
        self._held: dict[str, int] = {}
        self._taken: dict[str, list[str]] = {}
        self.refusals: dict[str, str] = {}
        self.refund_refusals: dict[str, tuple[str, int]] = {}

    def charge(self, payment: Payment) -> Charge:
        answer: Charge = self._carry("charge", lambda: self._charged(payment, self._environment().charge(payment)))
        if self._wire.current and isinstance(answer, Paid):
            self._wire.current.done_outside.append(payment.key)
        return answer

    def status(self, payment: Payment) -> Charge:
        answer: Charge = self._carry("status", lambda: self._charged(payment, self._environment().status(payment)))
        return answer

    def void(self, payment: Payment) -> Void:
        answer: Void = self._carry("void", lambda: self._voided(payment, self._environment().void(payment)))
        return answer

    def held(self, key: str) -> int:
        return self._held.get(key, 0)

    def taken(self) -> dict[str, list[str]]:
        return self._taken

    def _environment(self) -> SimulatedGateway:
        return SimulatedGateway(self._folder / ("all" if self._shared else str(next(self._numbers))))

    def _charged(self, payment: Payment, answer: Charge) -> Charge:
        if isinstance(answer, Paid):
            # The same id is the same payment: told again, it takes no money again.
            if self._taken.setdefault(payment.key, []) != [answer.payment_id]:
                self._taken[payment.key].append(answer.payment_id)
                self._held[payment.key] = payment.amount
        elif isinstance(answer, Refused):
            self.refusals[payment.key] = answer.reason
        return answer

    def _voided(self, payment: Payment, answer: Void) -> Void:
        if isinstance(answer, Never):
            self.refund_refusals[payment.key] = (answer.reason, self.held(payment.key))
        else:
            self._held[payment.key] = 0
        return answer
