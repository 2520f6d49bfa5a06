"""The simulated providers keep their contracts, and not more: what the proof counts is worth counting."""

from datetime import timedelta

import pytest

from payments.gateway import PaymentRefusedError
from shipping.carrier import ShipmentRefusedError
from tests.simulation import BEGIN
from tests.simulation.faulty_wire import FaultyWire
from tests.simulation.shop.providers import BookkeepingCarrier, BookkeepingGateway
from tests.virtual_clock import VirtualClock

AN_HOUR = timedelta(hours=1)


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(BEGIN)


@pytest.fixture
def gateway(clock: VirtualClock) -> BookkeepingGateway:
    return BookkeepingGateway(FaultyWire(clock), clock, memory=AN_HOUR)


@pytest.fixture
def carrier(clock: VirtualClock) -> BookkeepingCarrier:
    return BookkeepingCarrier(FaultyWire(clock), clock)


def test_a_repeated_charge_gets_the_first_answer_and_takes_no_money(gateway: BookkeepingGateway) -> None:
    first, again = (gateway.charge("order-1", "CUST-1", 100, "USD") for _ in range(2))

    assert first == again
    assert gateway.held["order-1"] == 100


def test_a_charge_under_a_forgotten_key_takes_the_money_again(gateway: BookkeepingGateway, clock: VirtualClock) -> None:
    first = gateway.charge("order-1", "CUST-1", 100, "USD")
    clock.advance(2 * AN_HOUR)

    assert gateway.charge("order-1", "CUST-1", 100, "USD") != first
    assert gateway.taken["order-1"] == 2


def test_a_void_gives_the_money_back_and_refuses_a_later_charge(gateway: BookkeepingGateway) -> None:
    gateway.charge("order-1", "CUST-1", 100, "USD")
    gateway.void("order-1")

    assert gateway.held["order-1"] == 0
    with pytest.raises(PaymentRefusedError, match="payment voided"):
        gateway.charge("order-1", "CUST-1", 100, "USD")


def test_a_void_comes_before_its_charge_and_refuses_it(gateway: BookkeepingGateway) -> None:
    gateway.void("order-1")

    with pytest.raises(PaymentRefusedError, match="payment voided"):
        gateway.charge("order-1", "CUST-1", 100, "USD")


def test_a_void_finds_a_charge_whose_key_is_forgotten(gateway: BookkeepingGateway, clock: VirtualClock) -> None:
    gateway.charge("order-1", "CUST-1", 100, "USD")
    clock.advance(2 * AN_HOUR)
    gateway.void("order-1")

    assert gateway.held["order-1"] == 0


def test_a_gateway_that_is_down_takes_nothing(gateway: BookkeepingGateway) -> None:
    gateway.down = True

    with pytest.raises(ConnectionError):
        gateway.charge("order-1", "CUST-1", 100, "USD")
    assert gateway.held["order-1"] == 0


def test_a_carrier_knows_a_booking_for_good(carrier: BookkeepingCarrier, clock: VirtualClock) -> None:
    first = carrier.book("order-1", "CUST-1", "sku-a", 1)
    clock.advance(timedelta(days=365))

    assert carrier.book("order-1", "CUST-1", "sku-a", 1) == first
    assert carrier.shipments == {"order-1": [first]}


def test_a_carrier_refuses_where_nobody_delivers(carrier: BookkeepingCarrier) -> None:
    with pytest.raises(ShipmentRefusedError, match="address undeliverable"):
        carrier.book("order-1", "CUST-UNDELIVERABLE", "sku-a", 1)
