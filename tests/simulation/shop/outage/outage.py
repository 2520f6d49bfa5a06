"""Customers who order at a steady rate while the payment provider goes away and comes back."""

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest

from payments import charge_payment, confirm_payment, receive_payment_hint, refund_payment
from saga import table
from saga.clock import iso
from saga.telemetry import logger, metrics
from shipping import notify_shipping
from tests.simulation import stage
from tests.simulation.deployment import deployment
from tests.simulation.expressions import Item
from tests.simulation.outage.configurations import configurations
from tests.simulation.outage.event_bus import LargeEventBridge
from tests.simulation.outage.event_loop import EventLoop
from tests.simulation.outage.lambda_service import LambdaService, ThrottledError
from tests.simulation.outage.run import Run
from tests.simulation.outage.tables import LargeDynamoDB, deserialized, serialized
from tests.simulation.shop.outage.providers import AwayGateway, Kind, OfTheEnvironment, PromptCarrier
from tests.simulation.shop.outage.timeline import Timeline

PEACE = 5 * 60.0
"""Seconds of orders before the outage."""
LONGEST = 6 * 3_600.0
"""Seconds after the outage at which what is not final then is not waited for."""
A_MINUTE = 60.0
SKUS, PIECES, PRICE, MOST_PIECES = 50, 10_000_000, 1_400, 3
LATE_BY, KILLED_AFTER = 50.0, 2.5
"""Seconds; a run is killed between two batches."""
CEILING, ITS_RATE = "RECOVERY_PER_SECOND", 10
SHIPPED = "SHIPPING_SCHEDULED"


class Misfortune(StrEnum):
    """What may happen to a run of recovery."""

    SKIPPED = "never comes"
    LATE = "comes 50 s late"
    DOUBLED = "comes twice"
    KILLED = "is killed in the middle"


@dataclass(frozen=True)
class Plan:
    """One outage."""

    kind: Kind
    rate: float
    """Orders a second."""
    minutes: float
    peace: float = PEACE
    misfortunes: Mapping[int, Misfortune] = field(default_factory=dict)
    """What happens to the runs of recovery, by their minutes since the beginning."""
    afterwards: float = LONGEST
    """Seconds after the outage for which orders keep coming, unless those from before are final earlier."""
    settings: Mapping[str, str] = field(default_factory=dict)
    """What the functions find in their environment in place of what the template says."""
    seed: int = 1

    @property
    def began(self) -> float:
        return self.peace

    @property
    def ended(self) -> float:
        return self.peace + self.minutes * A_MINUTE


class Outage:
    """One outage from beginning to end, in virtual time."""

    def __init__(self, plan: Plan) -> None:
        self.plan, self.timeline, self._random = plan, Timeline(), Random(plan.seed)  # noqa: S311  a simulation
        self._customers = Random(plan.seed)  # noqa: S311  the same ones whatever else happens
        self.loop = EventLoop()
        clock, deployed = self.loop.clock, deployment()
        self.service = LambdaService(self.loop, self._random)
        self.tables = LargeDynamoDB(clock, deployed.tables)
        self.bus = LargeEventBridge(self.loop, self._random, self.service, deployed.functions)
        self.gateway, self.carrier = AwayGateway(clock, self._random, plan.kind), PromptCarrier(clock)
        self.placed_at: dict[str, float] = {}
        """When each order was placed, in seconds."""
        self.in_flight: set[str] = set()
        self.final_at: dict[str, float] = {}
        self.throttled, self.failed = 0, 0
        self.of_the_outage = 0
        """Orders in flight that were placed before its end."""
        self._ordering = True
        for configuration in configurations():
            module, _, name = deployed.functions[configuration.name].handler.rpartition(".")
            handler = getattr(import_module(module), name)
            self.service.add(configuration, partial(self._handle, handler, name))
        self.gateway.on_call = lambda: self.timeline.called(clock.seconds)
        self.service.on_busy = lambda: self.timeline.busy(clock.seconds, self.service.busy)
        self.tables.on_write = self._written

    def run(self, progress: Callable[["Outage"], object] = lambda _outage: None) -> None:
        """Run until every order is final; `progress` is called each minute of virtual time."""
        loop, plan = self.loop, self.plan
        with self._stage():
            for number in range(SKUS):
                self.tables.put_at_start("InventoryTable", {"sku": {"S": sku(number)}, "available": {"N": str(PIECES)}})
            loop.at(0, self._order)
            loop.every(A_MINUTE, self._schedule)
            loop.every(A_MINUTE, lambda: progress(self))
            loop.every(1, self._look)
            loop.at(plan.began, partial(setattr, self.gateway, "away", True))  # noqa: FBT003
            loop.at(plan.ended, partial(setattr, self.gateway, "away", False))  # noqa: FBT003
            loop.run(until=self._is_over)
        for when, _, _ in self.service.dead_letters:
            self.timeline.dead_letters[int(when)] += 1

    @property
    def placed(self) -> int:
        """How many orders were placed by now."""
        return len(self.placed_at)

    @property
    def seconds(self) -> float:
        """How long it has lasted by now."""
        return self.loop.clock.seconds

    def records(self) -> dict[str, Item]:
        """Return the orders as the table has them."""
        return self.tables.items[deployment().records]

    # --- how it goes -----------------------------------------------------------------------------------------------

    @contextmanager
    def _stage(self) -> Iterator[None]:
        patch = pytest.MonkeyPatch()
        clients: Any = (self.tables, self.bus)
        shop: Any = SimpleNamespace(put_on=self._put_providers_on)
        stage.put_on(patch, self.loop.clock, clients, shop, self.tables.wire)
        for name, value in {**self._ceiling(), **self.plan.settings}.items():
            patch.setitem(os.environ, name, value)
        patch.setattr(metrics, "add_metric", lambda **_metric: None)
        for name in ("structure_logs", "append_keys", "set_correlation_id"):
            patch.setattr(logger, name, lambda *_args, **_keys: None)
        patch.setattr(table, "_serialize", serialized)
        patch.setattr(table, "_deserialize", deserialized)
        if find_spec("saga.circuit_breaker"):
            patch.setattr(import_module("saga.circuit_breaker"), "uniform", self._random.uniform, raising=False)
        try:
            yield
        finally:
            patch.undo()
            stage.forget()

    def _ceiling(self) -> dict[str, str]:
        """Return recovery's ceiling, as high in proportion to the rate as the template's is at ten orders a second."""
        default = int(deployment().variables.get(CEILING, 0))
        return {CEILING: str(max(1, round(default * self.plan.rate / ITS_RATE)))} if default else {}

    def _put_providers_on(self, patch: pytest.MonkeyPatch) -> None:
        clock = self.loop.clock
        for module in (charge_payment, confirm_payment, receive_payment_hint, refund_payment):
            patch.setattr(module, "gateway", OfTheEnvironment(clock, "gateway", self.gateway))
        patch.setattr(notify_shipping, "carrier", OfTheEnvironment(clock, "carrier", self.carrier))

    def _handle(self, handler: Callable[[Any, Any], Any], name: str, event: dict[str, Any], run: Run) -> Any:
        context = stage.context(name)
        context.get_remaining_time_in_millis = lambda: int(run.seconds_left() * 1_000)
        return handler(event, context)

    def _order(self) -> None:
        if not self._ordering:
            return
        number, quantity = self._customers.randrange(SKUS), self._customers.randint(1, MOST_PIECES)
        body = {"customerId": "CUST-1", "sku": sku(number), "quantity": quantity, "amount": quantity * PRICE}
        request = {"httpMethod": "POST", "path": "/orders", "headers": {}, "body": json.dumps(body)}
        try:
            self.service.invoke(deployment().starter.name, request, self._answered)
        except ThrottledError:
            self.throttled += 1
        self.loop.after(self._customers.expovariate(self.plan.rate), self._order)

    def _answered(self, run: Run) -> None:
        if run.failure or run.answer["statusCode"] != 201:
            self.failed += 1

    def _schedule(self) -> None:
        minute = int(self.seconds // A_MINUTE)
        invoke = partial(
            self.service.invoke_asynchronously, deployment().recovery.name, {"time": iso(self.loop.clock.time)}
        )
        match self.plan.misfortunes.get(minute):
            case Misfortune.SKIPPED:
                pass
            case Misfortune.LATE:
                self.loop.after(LATE_BY, invoke)
            case Misfortune.DOUBLED:
                invoke()
                invoke()
            case Misfortune.KILLED:
                invoke(dies_after=KILLED_AFTER)
            case None:
                invoke()

    def _look(self) -> None:
        self.timeline.waiting[int(self.seconds)] = len(self.in_flight)

    def _written(self, table: str, key: str, before: Item | None, after: Item) -> None:
        if table != deployment().records:
            return
        if before is None:
            self.placed_at[key] = self.seconds
            self.in_flight.add(key)
            self.of_the_outage += self.seconds < self.plan.ended
        if "inFlight" not in after:
            self.in_flight.remove(key)
            self.of_the_outage -= self.placed_at[key] < self.plan.ended
            self.final_at[key] = self.seconds

    def _is_over(self) -> bool:
        since = self.seconds - self.plan.ended
        if since < A_MINUTE:
            return False
        if self._ordering and (not self.of_the_outage or since > self.plan.afterwards):
            self._ordering = False
        return (not self.in_flight and not self.service.waiting) or since > LONGEST + A_MINUTE * A_MINUTE


def sku(number: int) -> str:
    """Return the name of one of the shelves."""
    return f"SKU-{number}"
