"""The travel agency: its providers with real books, its flights, and what must hold of all of them."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from cars import book_car
from hotels import book_hotel, cancel_hotel
from saga.circuit_breaker import with_circuit_breaker
from tests.simulation.deployment import deployment
from tests.simulation.faulty_wire import FaultyWire
from tests.simulation.overheard import Overheard, Question
from tests.simulation.provider import Provider
from tests.simulation.shop import invariants
from tests.simulation.shop.providers import BookkeepingHotels, BookkeepingRental
from tests.virtual_clock import VirtualClock


class Shop:
    """What is outside of the saga, beside AWS; `always`, `at_rest` and `left_behind` check what must hold of it."""

    PROVIDERS = frozenset({"hotels", "rental"})
    """Names of providers that may go down."""
    OWNER = "travellerId"
    """The field of a request that says whose its idempotency key is."""
    ACTS: Mapping[str, Callable[..., object]] = {}
    """What else may happen in a random schedule: nothing."""
    always = staticmethod(invariants.always)
    at_rest = staticmethod(invariants.at_rest)
    left_behind = staticmethod(invariants.left_behind)

    def __init__(
        self,
        wire: FaultyWire,
        clock: VirtualClock,
        *,
        cabins: Mapping[str, int],
        hotels_remember_cancellations: bool = True,
    ) -> None:
        self.cabins = cabins
        # As short as the contract allows: a booking begun in time may go on for as long as its function may run.
        memory = deployment().deadline + deployment().functions["BookHotel"].timeout
        self.hotels = BookkeepingHotels(wire, clock, memory, remember_cancellations=hotels_remember_cancellations)
        self.rental = BookkeepingRental(wire, clock)
        self.questions: list[Question] = []
        """What the providers were asked, oldest first."""
        self.checked = 0
        """How many of them were held against the trips."""

    @property
    def providers(self) -> dict[str, Provider]:
        """The providers by those names."""
        return {"hotels": self.hotels, "rental": self.rental}

    def items(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield what the tables hold before the first trip: the table, and an item as DynamoDB has it."""
        for flight, available in self.cabins.items():
            yield "FlightsTable", {"flight": {"S": flight}, "available": {"N": str(available)}}

    def put_on(self, patch: pytest.MonkeyPatch) -> None:
        """Make the handlers call these providers."""
        # Each function has a circuit breaker of its own, as each has environments of its own.
        patch.setattr(book_hotel, "hotels", with_circuit_breaker(Overheard(self.hotels, self.questions)))
        patch.setattr(cancel_hotel, "hotels", with_circuit_breaker(Overheard(self.hotels, self.questions)))
        patch.setattr(book_car, "rental", with_circuit_breaker(Overheard(self.rental, self.questions)))
