"""The contract of the carrier's port, clause by clause, against every adapter. A fork adds its own to `ADAPTERS`."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

import pytest

from shipping.carrier import Booked, Carrier, Refused, Shipment
from shipping.simulated_carrier import SimulatedCarrier
from tests.simulation import BEGIN
from tests.simulation.faulty_wire import FaultyWire
from tests.simulation.shop.providers import BookkeepingCarrier
from tests.virtual_clock import VirtualClock


@dataclass(frozen=True)
class Rehearsal:
    """One adapter in front of its carrier, or of a fake of it, for one test."""

    carrier: Carrier
    pass_by: Callable[[timedelta], object] = lambda _time: None
    """Lets time pass for the carrier, as far as it has a clock that can be moved."""
    delivers: str = "CUST-1"
    refuses: str = "CUST-UNDELIVERABLE"
    says_too_much: str | None = None
    """A customer whose parcel is refused in more words than an event takes, None if this carrier knows none."""
    ids_too_long: str | None = None
    """A customer whose tracking number is longer than an event takes, or no text."""

    def shipment(self, customer: str) -> Shipment:
        """Return a new shipment to this customer."""
        return Shipment(key=str(uuid4()), customer_id=customer, sku="BOOK", quantity=1)


def of_the_simulation() -> Rehearsal:
    clock = VirtualClock(BEGIN)
    carrier = BookkeepingCarrier(FaultyWire(clock), clock)
    return Rehearsal(carrier, clock.advance, says_too_much="CUST-UNDELIVERABLE-AT-LENGTH", ids_too_long="CUST-LONG-IDS")


ADAPTERS: Mapping[str, Callable[[], Rehearsal]] = {
    "simulated": lambda: Rehearsal(SimulatedCarrier()),
    "of the simulation": of_the_simulation,
}


@pytest.fixture(params=ADAPTERS)
def at(request: pytest.FixtureRequest) -> Rehearsal:
    return ADAPTERS[request.param]()


def test_a_repeated_booking_gets_the_first_answer_at_any_age(at: Rehearsal) -> None:
    shipment = at.shipment(at.delivers)
    first = at.carrier.book(shipment)
    assert isinstance(first, Booked)
    assert at.carrier.book(shipment) == first
    at.pass_by(timedelta(days=365))
    assert at.carrier.book(shipment) == first


def test_bookings_at_once_get_one_answer(at: Rehearsal) -> None:
    shipment = at.shipment(at.delivers)
    with ThreadPoolExecutor(4) as threads:
        assert len(set(threads.map(at.carrier.book, [shipment] * 4))) == 1


def test_other_keys_are_other_shipments(at: Rehearsal) -> None:
    one, other = (at.carrier.book(at.shipment(at.delivers)) for _ in range(2))
    assert one != other


def test_a_parcel_that_is_refused_stays_refused(at: Rehearsal) -> None:
    shipment = at.shipment(at.refuses)
    first = at.carrier.book(shipment)
    assert isinstance(first, Refused)
    assert at.carrier.book(shipment) == first


def test_a_reason_of_any_length_fits(at: Rehearsal) -> None:
    if at.says_too_much is None:
        pytest.skip("does not apply: each reason of this carrier is one of a few short texts")
    refused = at.carrier.book(at.shipment(at.says_too_much))
    assert isinstance(refused, Refused)
    assert len(refused.reason) == 256
    assert refused.reason.isprintable()


def test_a_tracking_number_of_any_length_and_kind_fits(at: Rehearsal) -> None:
    if at.ids_too_long is None:
        pytest.skip("does not apply: each tracking number of this carrier has the same length")
    booked = at.carrier.book(at.shipment(at.ids_too_long))
    assert isinstance(booked, Booked)
    assert len(booked.tracking_number) == 128
