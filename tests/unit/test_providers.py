from pathlib import Path

import pytest

from payments.gateway import PaymentRefusedError
from payments.simulated_gateway import SimulatedGateway
from shipping.carrier import ShipmentRefusedError
from shipping.simulated_carrier import SimulatedCarrier
from tests.unit.books import Books


@pytest.fixture
def gateway(tmp_path: Path) -> SimulatedGateway:
    return SimulatedGateway(tmp_path / "books.sqlite")


def test_a_repeated_charge_gives_the_first_answer_and_holds_the_money_once(
    gateway: SimulatedGateway, books: Books
) -> None:
    first = gateway.charge("order-1", "CUST-1", 4999, "USD")
    assert gateway.charge("order-1", "CUST-1", 1, "USD") == first
    assert books.held("order-1") == 4999


def test_charges_under_different_keys_are_different_payments(gateway: SimulatedGateway) -> None:
    assert gateway.charge("order-1", "CUST-1", 1, "USD") != gateway.charge("order-2", "CUST-1", 1, "USD")


def test_a_declined_card_holds_nothing(gateway: SimulatedGateway, books: Books) -> None:
    with pytest.raises(PaymentRefusedError, match=r"^card declined$"):
        gateway.charge("order-1", "CUST-DECLINE", 4999, "USD")
    assert books.held("order-1") == 0


def test_a_void_gives_the_money_of_its_key_back_and_of_no_other(gateway: SimulatedGateway, books: Books) -> None:
    for key in ("order-1", "order-2"):
        gateway.charge(key, "CUST-1", 4999, "USD")
    gateway.void("order-1")
    assert (books.held("order-1"), books.held("order-2")) == (0, 4999)


@pytest.mark.parametrize("charged_before", [True, False], ids=["charged before", "never charged"])
def test_a_charge_after_the_void_is_refused(gateway: SimulatedGateway, books: Books, *, charged_before: bool) -> None:
    if charged_before:
        gateway.charge("order-1", "CUST-1", 4999, "USD")
    gateway.void("order-1")
    gateway.void("order-1")
    for _ in range(2):
        with pytest.raises(PaymentRefusedError, match=r"^payment voided$"):
            gateway.charge("order-1", "CUST-1", 4999, "USD")
    assert books.held("order-1") == 0


def test_the_books_are_shared_by_all_that_open_them(gateway: SimulatedGateway) -> None:
    gateway.void("order-1")
    with pytest.raises(PaymentRefusedError):
        SimulatedGateway(gateway.books).charge("order-1", "CUST-1", 4999, "USD")


def test_a_repeated_booking_gives_the_first_answer() -> None:
    first = SimulatedCarrier().book("order-1", "CUST-1", "BOOK", 1)
    assert SimulatedCarrier().book("order-1", "CUST-1", "BOOK", 1) == first
    assert SimulatedCarrier().book("order-2", "CUST-1", "BOOK", 1) != first


def test_a_tracking_number_looks_as_the_contract_says() -> None:
    number = SimulatedCarrier().book("order-1", "CUST-1", "BOOK", 1)
    prefix, digits = number.split("-")
    assert (prefix, len(digits)) == ("TRK", 8)
    assert set(digits) <= set("0123456789ABCDEF")


def test_an_undeliverable_address_is_refused() -> None:
    with pytest.raises(ShipmentRefusedError, match=r"^address undeliverable$"):
        SimulatedCarrier().book("order-1", "CUST-UNDELIVERABLE", "BOOK", 1)
