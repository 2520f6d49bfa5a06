"""The simulation's providers keep their contracts, and not more: what the proof counts is worth counting.

What the contracts say is in tests/contract; this is what goes beyond them, or falls short of them.
"""

from dataclasses import replace
from datetime import timedelta

import pytest

from payments.gateway import NotYet, Paid, Payment, Pending, VoidedBefore
from shipping.carrier import Booked, Shipment
from tests.simulation import BEGIN
from tests.simulation.faulty_wire import FaultyWire
from tests.simulation.shop.customers import TOO_LATE
from tests.simulation.shop.providers import BookkeepingCarrier, BookkeepingGateway
from tests.virtual_clock import VirtualClock

AN_HOUR = timedelta(hours=1)
PAYMENT = Payment("order-1", "CUST-1", 100, "USD")


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(BEGIN)


@pytest.fixture
def gateway(clock: VirtualClock) -> BookkeepingGateway:
    return BookkeepingGateway(FaultyWire(clock), clock, memory=AN_HOUR)


@pytest.fixture
def carrier(clock: VirtualClock) -> BookkeepingCarrier:
    return BookkeepingCarrier(FaultyWire(clock), clock)


def test_a_charge_under_a_forgotten_key_takes_the_money_again(gateway: BookkeepingGateway, clock: VirtualClock) -> None:
    gateway.charge(PAYMENT)
    clock.advance(2 * AN_HOUR)
    gateway.charge(PAYMENT)

    assert (len(gateway.taken()["order-1"]), gateway.held("order-1")) == (2, 200)


def test_a_void_finds_a_charge_whose_key_is_forgotten(gateway: BookkeepingGateway, clock: VirtualClock) -> None:
    gateway.charge(PAYMENT)
    clock.advance(2 * AN_HOUR)
    gateway.void(PAYMENT)

    assert gateway.held("order-1") == 0


def test_a_customer_who_pays_too_late_pays_whether_anybody_asks_or_not(
    gateway: BookkeepingGateway, clock: VirtualClock
) -> None:
    payment = replace(PAYMENT, customer_id="CUST-PAYS-TOO-LATE")
    assert isinstance(gateway.charge(payment), Pending)
    clock.advance(TOO_LATE)

    assert gateway.held("order-1") == 100


def test_a_charge_is_not_voided_while_the_provider_is_at_work_on_it(
    gateway: BookkeepingGateway, clock: VirtualClock
) -> None:
    payment = replace(PAYMENT, customer_id="CUST-REFUND-TAKES-TIME")
    gateway.charge(payment)

    assert gateway.void(payment) == NotYet()
    assert gateway.held("order-1") == 100
    clock.advance(AN_HOUR)
    gateway.void(payment)
    assert gateway.held("order-1") == 0


def test_somebody_refunds_by_hand(gateway: BookkeepingGateway) -> None:
    payment = replace(PAYMENT, customer_id="CUST-REFUNDED-BY-HAND")
    assert isinstance(gateway.charge(payment), Paid)

    assert gateway.void(payment) == VoidedBefore()
    assert gateway.held("order-1") == 0


def test_a_gateway_that_is_down_takes_nothing(gateway: BookkeepingGateway) -> None:
    gateway.down = True

    with pytest.raises(ConnectionError):
        gateway.charge(PAYMENT)
    assert gateway.held("order-1") == 0


def test_a_carrier_knows_a_booking_for_good(carrier: BookkeepingCarrier, clock: VirtualClock) -> None:
    shipment = Shipment("order-1", "CUST-1", "sku-a", 1)
    first = carrier.book(shipment)
    clock.advance(timedelta(days=365))

    assert carrier.book(shipment) == first
    assert isinstance(first, Booked)
    assert carrier.shipments == {"order-1": [first.tracking_number]}
