"""The shop: its providers with real books, its stock, and what must hold of both."""

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any

import pytest

from payments import charge_payment, confirm_payment, receive_payment_hint, refund_payment
from saga.circuit_breaker import with_circuit_breaker
from shipping import notify_shipping
from tests.simulation.faulty_wire import FaultyWire
from tests.simulation.overheard import Overheard, Question
from tests.simulation.provider import Provider
from tests.simulation.shop import invariants
from tests.simulation.shop.acts import ACTS
from tests.simulation.shop.providers import BookkeepingCarrier, Gateway, bookkeeping
from tests.virtual_clock import VirtualClock


class Shop:
    """What is outside of the saga, beside AWS; `always`, `at_rest` and `left_behind` check what must hold of it."""

    PROVIDERS = frozenset({"gateway", "carrier"})
    """Names of providers that may go down."""
    OWNER = "customerId"
    """The field of a request that says whose its idempotency key is."""
    ACTS = ACTS
    always = staticmethod(invariants.always)
    at_rest = staticmethod(invariants.at_rest)
    left_behind = staticmethod(invariants.left_behind)

    def __init__(
        self,
        wire: FaultyWire,
        clock: VirtualClock,
        *,
        stock: Mapping[str, int],
        gateway: Callable[[FaultyWire, VirtualClock], Gateway] = bookkeeping,
        carrier_memory: timedelta | None = None,
    ) -> None:
        self.stock = stock
        self.gateway = gateway(wire, clock)
        self.carrier = BookkeepingCarrier(wire, clock, carrier_memory)
        self.questions: list[Question] = []
        """What the providers were asked, oldest first."""
        self.checked = 0
        """How many of them were held against the orders."""

    @property
    def providers(self) -> dict[str, Provider | Gateway]:
        """The providers by those names."""
        return {"gateway": self.gateway, "carrier": self.carrier}

    def items(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield what the tables hold before the first order: the table, and an item as DynamoDB has it."""
        for sku, available in self.stock.items():
            yield "InventoryTable", {"sku": {"S": sku}, "available": {"N": str(available)}}

    @property
    def ports(self) -> dict[str, Any]:
        """The providers as functions reach them, by the names that they have there."""
        return {name: Overheard(provider, self.questions) for name, provider in self.providers.items()}

    def put_on(self, patch: pytest.MonkeyPatch) -> None:
        """Make the handlers call these providers."""
        # Each function has a circuit breaker of its own, as each has environments of its own.
        for module in (charge_payment, confirm_payment, receive_payment_hint, refund_payment):
            patch.setattr(module, "gateway", with_circuit_breaker(self.ports["gateway"]))
        patch.setattr(notify_shipping, "carrier", with_circuit_breaker(self.ports["carrier"]))
