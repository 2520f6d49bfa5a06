"""A payment provider with plain books that may be away in several ways, and a carrier that never is."""

from collections import Counter
from collections.abc import Callable
from enum import StrEnum
from importlib import import_module
from importlib.util import find_spec
from random import Random
from typing import Any, TypeVar

from payments.gateway import Charge, Paid, Payment, Pending, Refused, Void, Voided, VoidedBefore
from saga.settings import settings
from saga.time_limit import ProviderTimeoutError
from shipping.carrier import Booked, Shipment
from tests.simulation.outage.event_loop import LoopClock

Answer = TypeVar("Answer")
ANSWERS_IN = 0.3
"""Seconds, in peace."""
REFUSES_IN, SLOW, FAILS_IN = 0.002, 1.5, 0.1
"""Seconds: a refused connection, a slow answer, a 500."""
TOO_SLOW, FAILING = 1 / 10, 1 / 3
"""The part of the calls that takes longer than `ProviderTimeoutSeconds`, though it takes effect; that gets a 500."""


class Kind(StrEnum):
    """How a provider is away."""

    HANG = "hang"
    REFUSE = "refuse"
    SLOW = "slow"
    FLAKY = "flaky"


class AwayGateway:
    """A `PaymentGateway`. While `away`, it hangs, refuses connections, is slow or flaky."""

    def __init__(self, clock: LoopClock, random: Random, kind: Kind) -> None:
        self._clock, self._random, self._kind = clock, random, kind
        self.away = False
        self.on_call: Callable[[], object] = lambda: None
        self.charges: Counter[str] = Counter()
        """How often money was taken, by key."""
        self.held: dict[str, int] = {}
        """The money that is held, by key."""
        self._voided: set[str] = set()

    def charge(self, payment: Payment) -> Charge:
        return self._answer(lambda: self._charge(payment))

    def status(self, payment: Payment) -> Charge:
        return self._answer(lambda: self._charge(payment) if payment.key in self.held else Pending())

    def void(self, payment: Payment) -> Void:
        return self._answer(lambda: self._void(payment))

    def _charge(self, payment: Payment) -> Charge:
        if payment.key in self._voided:
            return Refused("payment voided")
        if payment.key not in self.held:
            self.charges[payment.key] += 1
            self.held[payment.key] = payment.amount
        return Paid(f"payment-{payment.key}")

    def _void(self, payment: Payment) -> Void:
        if payment.key in self._voided:
            return VoidedBefore()
        self._voided.add(payment.key)
        self.held.pop(payment.key, None)
        return Voided(f"refund-{payment.key}")

    def _answer(self, effect: Callable[[], Answer]) -> Answer:
        self.on_call()
        if not self.away:
            self._clock.passes(ANSWERS_IN)
            return effect()
        match self._kind:
            case Kind.HANG:
                raise self._timeout()
            case Kind.REFUSE:
                self._clock.passes(REFUSES_IN)
                raise ConnectionRefusedError("the provider refuses connections")
            case Kind.SLOW if self._random.random() < TOO_SLOW:
                effect()
                raise self._timeout()
            case Kind.SLOW:
                self._clock.passes(SLOW)
            case Kind.FLAKY:
                self._clock.passes(FAILS_IN)
                if self._random.random() < FAILING:
                    raise ConnectionError("the provider answered 500")
        return effect()

    def _timeout(self) -> ProviderTimeoutError:
        seconds = settings().provider_timeout.total_seconds()
        self._clock.passes(seconds)
        return ProviderTimeoutError(f"the provider did not answer within {seconds:g} s")


class PromptCarrier:
    """A `Carrier` that takes every parcel."""

    def __init__(self, clock: LoopClock) -> None:
        self._clock = clock
        self.shipments: Counter[str] = Counter()

    def book(self, shipment: Shipment) -> Booked:
        self._clock.passes(ANSWERS_IN)
        self.shipments[shipment.key] = 1
        return Booked(f"TRK-{shipment.key[-8:]}")


class OfTheEnvironment:
    """Stands for a provider in a handler's module: each environment has its own circuit breaker before it."""

    def __init__(self, clock: LoopClock, name: str, adapter: object) -> None:
        self._clock, self._name, self._adapter = clock, name, adapter

    def __getattr__(self, operation: str) -> Any:
        running: Any = self._clock.running
        kept = running.environment.kept
        if self._name not in kept:
            kept[self._name] = guarded(self._adapter)
        return getattr(kept[self._name], operation)


def guarded(adapter: object) -> Any:
    """Return the adapter behind the kernel's circuit breaker; an earlier kernel has none."""
    if find_spec("saga.circuit_breaker") is None:
        return adapter
    return import_module("saga.circuit_breaker").with_circuit_breaker(adapter)
