"""The simulated providers: their known customers, and books that outlive a function. The rest is in tests/contract."""

from dataclasses import replace
from pathlib import Path

import pytest

from payments.gateway import Never, Paid, Payment, Pending, Refused, Voided
from payments.simulated_gateway import SimulatedGateway
from shipping.carrier import Booked, Shipment
from shipping.carrier import Refused as ShipmentRefused
from shipping.simulated_carrier import SimulatedCarrier
from tests.unit.books import Books
from tests.unit.stories import derived

PAYMENT = Payment("order-1", "CUST-1", 4999, "USD")


@pytest.fixture
def simulated(gateway: SimulatedGateway) -> SimulatedGateway:
    return SimulatedGateway(gateway.books)


def test_a_payments_id_and_its_refunds_follow_from_its_key(simulated: SimulatedGateway) -> None:
    assert simulated.charge(PAYMENT) == Paid(derived("payment", "order-1"))
    assert simulated.void(PAYMENT) == Voided(derived("refund", "order-1"))


def test_a_repeated_charge_holds_the_money_once(simulated: SimulatedGateway, books: Books) -> None:
    first = simulated.charge(PAYMENT)
    assert simulated.charge(replace(PAYMENT, amount=1)) == first
    assert books.held("order-1") == 4999


def test_the_books_are_shared_by_all_that_open_them(simulated: SimulatedGateway) -> None:
    simulated.void(PAYMENT)
    assert SimulatedGateway(simulated.books).charge(PAYMENT) == Refused("payment voided")


@pytest.mark.parametrize(
    ("customer", "charged", "asked", "undone"),
    [
        ("CUST-1", Paid(derived("payment", "order-1")), Paid(derived("payment", "order-1")), Voided),
        ("CUST-DECLINE", Refused("card declined"), Refused("card declined"), Voided),
        ("CUST-PAYS-LATER", Pending(), Paid(derived("payment", "order-1")), Voided),
        ("CUST-NEVER-PAYS", Pending(), Pending(), Voided),
        ("CUST-CHARGEBACK", Paid(derived("payment", "order-1")), Paid(derived("payment", "order-1")), Never),
    ],
)
def test_a_customer_is_answered_alike_in_any_environment(
    tmp_path: Path, customer: str, charged: object, asked: object, undone: type
) -> None:
    payment = replace(PAYMENT, customer_id=customer)
    fresh = [SimulatedGateway(tmp_path / f"{number}.sqlite") for number in range(3)]
    assert fresh[0].charge(payment) == charged
    assert fresh[1].status(payment) == asked
    assert isinstance(fresh[2].void(payment), undone)


def test_a_tracking_number_looks_as_the_contract_says() -> None:
    answer = SimulatedCarrier().book(Shipment("order-1", "CUST-1", "BOOK", 1))
    assert answer == Booked(f"TRK-{derived('tracking', 'order-1')[:8].upper()}")


@pytest.mark.parametrize("customer", ["CUST-UNDELIVERABLE", "CUST-CHARGEBACK"])
def test_an_undeliverable_address_is_refused(customer: str) -> None:
    answer = SimulatedCarrier().book(Shipment("order-1", customer, "BOOK", 1))
    assert answer == ShipmentRefused("address undeliverable")
