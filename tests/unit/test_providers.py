"""The simulated providers: their known customers, and books that outlive a function. The rest is in tests/contract."""

import sqlite3
import tempfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from payments.gateway import ForgedHintError, Never, Paid, Payment, Pending, Refused, Voided, VoidedBefore
from payments.ledger import Payment as Entry
from payments.simulated_gateway import SimulatedGateway
from payments.simulated_ledger import SimulatedLedger
from shipping.carrier import Booked, Shipment
from shipping.carrier import Refused as ShipmentRefused
from shipping.simulated_carrier import SimulatedCarrier
from tests.unit.books import Books
from tests.unit.stories import PLACED, derived
from tests.virtual_clock import VirtualClock

A_DAY = timedelta(days=1)
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


def test_the_books_of_all_functions_of_a_machine_are_one_file() -> None:
    assert SimulatedGateway().books == Path(tempfile.gettempdir()) / "simulated-gateway.sqlite"


def test_the_books_wait_for_another_function_and_not_for_the_disk(
    simulated: SimulatedGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect, opened, executed = sqlite3.connect, list[dict[str, float]](), list[str]()

    def traced(books: Path, **how: float) -> sqlite3.Connection:
        opened.append(how)
        made = connect(books, **how)  # type: ignore[call-overload]  # what the gateway says
        made.set_trace_callback(executed.append)
        return made  # type: ignore[no-any-return]

    monkeypatch.setattr(sqlite3, "connect", traced)
    simulated.charge(PAYMENT)
    assert opened == [{"timeout": 10}]
    assert executed[0] == "PRAGMA synchronous = OFF"


def test_the_simulated_provider_has_called_nobody_and_says_so(simulated: SimulatedGateway) -> None:
    with pytest.raises(ForgedHintError, match=r"^the simulated provider calls nobody$"):
        simulated.webhook({}, b"")


def test_what_is_voided_or_charged_back_is_told_so(simulated: SimulatedGateway) -> None:
    assert simulated.void(replace(PAYMENT, customer_id="CUST-CHARGEBACK")) == Never("charged back by the customer")
    assert simulated.void(PAYMENT) == VoidedBefore()
    assert simulated.status(PAYMENT) == Refused("payment voided")


def test_the_books_of_a_day_say_what_was_taken_and_what_went_back_and_when(
    simulated: SimulatedGateway, clock: VirtualClock
) -> None:
    taken, voided, never = (replace(PAYMENT, key=f"order-{number}") for number in (1, 2, 3))
    for payment in (taken, voided):
        simulated.charge(payment)
    clock.advance(minutes=1)
    simulated.charge(replace(taken, amount=1))
    simulated.void(voided)
    simulated.void(never)
    ledger = SimulatedLedger(simulated.books)
    ids = [derived("payment", f"order-{number}") for number in (1, 2)]
    expected = [
        Entry("order-1", ids[0], 4999, 0, "USD", PLACED),
        Entry("order-2", ids[1], 4999, 4999, "USD", PLACED),
    ]
    assert list(ledger.payments(PLACED, PLACED + timedelta(milliseconds=1))) == expected
    assert [
        list(ledger.payments(PLACED - A_DAY, PLACED)),
        list(ledger.payments(PLACED + A_DAY, PLACED + 2 * A_DAY)),
    ] == [
        [],
        [],
    ]
    assert ledger.calls == 3


def test_books_that_nobody_opened_are_empty_and_cost_no_call(tmp_path: Path) -> None:
    ledger = SimulatedLedger(tmp_path / "none.sqlite")
    assert (list(ledger.payments(PLACED, PLACED + A_DAY)), ledger.calls) == ([], 0)
    assert not list(tmp_path.iterdir())


def test_a_tracking_number_looks_as_the_contract_says() -> None:
    answer = SimulatedCarrier().book(Shipment("order-1", "CUST-1", "BOOK", 1))
    assert answer == Booked(f"TRK-{derived('tracking', 'order-1')[:8].upper()}")


@pytest.mark.parametrize("customer", ["CUST-UNDELIVERABLE", "CUST-CHARGEBACK"])
def test_an_undeliverable_address_is_refused(customer: str) -> None:
    answer = SimulatedCarrier().book(Shipment("order-1", customer, "BOOK", 1))
    assert answer == ShipmentRefused("address undeliverable")
