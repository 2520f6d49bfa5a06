"""The contract of the ledger port, clause by clause, against every adapter."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from payments.gateway import Payment as Asked
from payments.gateway import PaymentGateway, Pending
from payments.ledger import Payment, PaymentLedger
from payments.simulated_gateway import SimulatedGateway
from payments.simulated_ledger import SimulatedLedger
from payments.stripe_ledger import StripeLedger
from tests.contract.stripe_shop import DECLINED, GOOD, Shop
from tests.stripe_at_hand import books

A_MINUTE = timedelta(minutes=1)


class Rehearsal(ABC):
    """A gateway and the ledger of the same provider."""

    gateway: PaymentGateway
    ledger: PaymentLedger
    takes_money_back = False
    """Whether the bank and a refund that fails can be brought about."""

    @abstractmethod
    def payment(self, *, declined: bool = False, amount: int = 4999, currency: str = "USD") -> Asked:
        """Return a new payment."""

    def payments(self) -> list[Payment]:
        """Return what the ledger has of the last minute."""
        at = datetime.now(UTC)
        return list(self.ledger.payments(at - A_MINUTE, at + A_MINUTE))


class Simulated(Rehearsal):
    def __init__(self, request: pytest.FixtureRequest) -> None:
        folder: Path = request.getfixturevalue("tmp_path")
        self.gateway = SimulatedGateway(folder / "books.sqlite")
        self.ledger = SimulatedLedger(folder / "books.sqlite")

    def payment(self, *, declined: bool = False, amount: int = 4999, currency: str = "USD") -> Asked:
        return Asked(str(uuid4()), "CUST-DECLINE" if declined else "CUST-1", amount, currency)


class AtStripe(Rehearsal):
    takes_money_back = True

    def __init__(self, request: pytest.FixtureRequest) -> None:
        self.shop = Shop(request.getfixturevalue("stripe_at_hand"))
        self.gateway = self.shop.gateway
        self.ledger = StripeLedger(self.shop.account)

    def payment(self, *, declined: bool = False, amount: int = 4999, currency: str = "USD") -> Asked:
        return Asked(str(uuid4()), "CUST-1", amount, currency, DECLINED if declined else GOOD)


@pytest.fixture(params=[Simulated, AtStripe], ids=["simulated", "stripe"])
def at(request: pytest.FixtureRequest) -> Iterator[Rehearsal]:
    made: Rehearsal = request.param(request)
    return made  # type: ignore[return-value]


def test_a_payment_stands_in_the_books_once_with_its_order_its_money_and_its_time(at: Rehearsal) -> None:
    before, asked = datetime.now(UTC), at.payment()
    at.gateway.charge(asked)
    at.gateway.charge(asked)
    (payment,) = [each for each in at.payments() if each.key == asked.key]
    assert (payment.amount, payment.returned, payment.held, payment.currency) == (4999, 0, 4999, "USD")
    assert before - A_MINUTE < payment.at < before + A_MINUTE
    assert not payment.refund_failed


def test_its_amount_is_in_the_minor_units_of_the_order(at: Rehearsal) -> None:
    for amount, currency in ((5000, "JPY"), (200, "ISK"), (4200, "EUR")):
        asked = at.payment(amount=amount, currency=currency)
        assert not isinstance(at.gateway.charge(asked), Pending)
        (payment,) = [each for each in at.payments() if each.key == asked.key]
        assert (payment.amount, payment.currency) == (amount, currency)


def test_what_was_voided_was_returned(at: Rehearsal) -> None:
    asked = at.payment()
    at.gateway.charge(asked)
    at.gateway.void(asked)
    (payment,) = [each for each in at.payments() if each.key == asked.key]
    assert (payment.returned, payment.held) == (4999, 0)


def test_what_took_no_money_does_not_stand_there(at: Rehearsal) -> None:
    refused, never = at.payment(declined=True), at.payment()
    at.gateway.charge(refused)
    at.gateway.void(never)
    assert {refused.key, never.key} & {each.key for each in at.payments()} == set()


def test_only_what_was_begun_in_the_time_is_given(at: Rehearsal) -> None:
    asked, later = at.payment(), datetime.now(UTC) + A_MINUTE
    at.gateway.charge(asked)
    assert asked.key in {each.key for each in at.ledger.payments(later - 2 * A_MINUTE, later)}
    for start in (later, later - 10 * A_MINUTE):
        assert asked.key not in {each.key for each in at.ledger.payments(start, start + A_MINUTE)}


def test_the_calls_are_counted(at: Rehearsal) -> None:
    at.gateway.charge(at.payment())
    before = at.ledger.calls
    at.payments()
    assert at.ledger.calls > before


def test_what_the_bank_took_back_and_a_refund_that_failed_later_are_told(at: Rehearsal) -> None:
    if not isinstance(at, AtStripe):
        pytest.skip("does not apply: this provider has neither chargebacks in its books nor refunds that fail later")
    charged_back, failed = at.payment(), at.payment()
    for asked in (charged_back, failed):
        at.gateway.charge(asked)
    at.shop.charge_back(charged_back.key)
    at.gateway.void(failed)
    books.fail_the_refund_of(failed.key)
    found = {each.key: each for each in at.payments()}
    assert (found[charged_back.key].held, found[charged_back.key].refund_failed) == (0, False)
    assert (found[failed.key].held, found[failed.key].refund_failed) == (4999, True)


def test_all_pages_are_read(at: Rehearsal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("payments.stripe_ledger.PAGE", 2)
    asked = [at.payment() for _ in range(5)]
    for each in asked:
        at.gateway.charge(each)
    found = [each.key for each in at.payments()]
    assert sorted(key for key in found if key in {each.key for each in asked}) == sorted(each.key for each in asked)
