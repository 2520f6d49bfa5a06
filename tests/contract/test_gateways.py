"""The contract of the payment port, clause by clause, against every adapter of `gateways`."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import cast

import pytest

from payments.gateway import (
    ForgedHintError,
    Hint,
    Never,
    NotYet,
    Paid,
    Payment,
    PaymentGateway,
    Pending,
    Refused,
    Voided,
    VoidedBefore,
)
from tests.contract.gateways import ADAPTERS, Rehearsal

A_DAY_LATER = timedelta(hours=25)
"""When real providers have forgotten a key."""


@pytest.fixture(params=ADAPTERS)
def at(request: pytest.FixtureRequest) -> Iterator[Rehearsal]:
    rehearsal = ADAPTERS[request.param](request)
    yield rehearsal
    rehearsal.close()


@pytest.fixture
def gateway(at: Rehearsal) -> PaymentGateway:
    return at.gateway


def of(at: Rehearsal, customer: str | None, what: str) -> Payment:
    """Return a payment of a customer whom this provider knows, or skip the clause."""
    if customer is None:
        pytest.skip(f"does not apply: no customer brings this provider {what}")
    return at.payment(customer)


# --- charge -----------------------------------------------------------------------------------------------------------


def test_a_charge_holds_the_money(at: Rehearsal, gateway: PaymentGateway) -> None:
    payment = at.payment(at.PAYS)
    assert isinstance(gateway.charge(payment), Paid)
    assert at.held(payment) == payment.amount


def test_a_repeated_charge_is_paid_under_the_same_id_and_holds_the_money_once(
    at: Rehearsal, gateway: PaymentGateway
) -> None:
    payment = at.payment(at.PAYS)
    first = gateway.charge(payment)
    assert [gateway.charge(payment), at.elsewhere().charge(payment)] == [first, first]
    assert at.held(payment) == payment.amount


def test_charges_at_once_hold_the_money_once(at: Rehearsal) -> None:
    payment = at.payment(at.PAYS)
    with ThreadPoolExecutor(4) as threads:
        runs = [threads.submit(at.elsewhere().charge, payment) for _ in range(4)]
    # One that met another under way knows nothing: an exception is as good as an answer.
    answers = {run.result() for run in runs if run.exception() is None}
    answers.add(at.gateway.charge(payment))
    assert len(answers) == 1
    assert at.held(payment) == payment.amount


def test_other_keys_are_other_payments(at: Rehearsal, gateway: PaymentGateway) -> None:
    one, other = at.payment(at.PAYS), at.payment(at.PAYS)
    assert gateway.charge(one) != gateway.charge(other)
    assert (at.held(one), at.held(other)) == (one.amount, other.amount)


def test_a_refused_charge_stays_refused_with_its_reason_and_holds_nothing(
    at: Rehearsal, gateway: PaymentGateway
) -> None:
    payment = at.payment(at.DECLINES)
    refused = gateway.charge(payment)
    assert isinstance(refused, Refused)
    assert [gateway.charge(payment), at.elsewhere().charge(payment)] == [refused, refused]
    assert at.held(payment) == 0


def test_a_reason_of_any_length_fits(at: Rehearsal, gateway: PaymentGateway) -> None:
    refused = gateway.charge(of(at, at.SAYS_TOO_MUCH, "to say too much"))
    assert isinstance(refused, Refused)
    assert len(refused.reason) == 256
    assert refused.reason.isprintable()


# --- status -----------------------------------------------------------------------------------------------------------


def test_a_pending_payment_stays_pending_until_the_customer_acts_and_is_then_paid_once(
    at: Rehearsal, gateway: PaymentGateway
) -> None:
    payment = of(at, at.PAYS_LATER, "to be paid later")
    assert isinstance(gateway.charge(payment), Pending)
    assert at.held(payment) == 0
    at.act(payment)
    paid = at.elsewhere().status(payment)
    assert isinstance(paid, Paid)
    assert [gateway.status(payment), gateway.charge(payment)] == [paid, paid]
    assert at.held(payment) == payment.amount


def test_asking_charges_nothing_more(at: Rehearsal, gateway: PaymentGateway) -> None:
    payment = at.payment(at.PAYS)
    paid = gateway.charge(payment)
    assert [gateway.status(payment) for _ in range(3)] == [paid] * 3
    assert at.held(payment) == payment.amount


def test_asking_for_a_refused_payment_tells_that_it_was_refused(at: Rehearsal, gateway: PaymentGateway) -> None:
    payment = at.payment(at.DECLINES)
    refused = gateway.charge(payment)
    assert gateway.status(payment) == refused


# --- void -------------------------------------------------------------------------------------------------------------


def test_a_void_gives_the_money_back_and_of_no_other_key(at: Rehearsal, gateway: PaymentGateway) -> None:
    payment, other = at.payment(at.PAYS), at.payment(at.PAYS)
    gateway.charge(payment)
    gateway.charge(other)
    assert isinstance(gateway.void(payment), Voided)
    assert (at.held(payment), at.held(other)) == (0, other.amount)


def test_a_repeated_void_tells_that_it_was_undone_before_and_gives_nothing_more(
    at: Rehearsal, gateway: PaymentGateway
) -> None:
    payment = at.payment(at.PAYS)
    gateway.charge(payment)
    gateway.void(payment)
    assert [gateway.void(payment), at.elsewhere().void(payment)] == [VoidedBefore(), VoidedBefore()]
    assert at.held(payment) == 0


@pytest.mark.parametrize("charged_before", [True, False], ids=["charged before", "never charged"])
def test_after_a_void_a_charge_is_refused_by_whomever_it_comes(
    at: Rehearsal, gateway: PaymentGateway, *, charged_before: bool
) -> None:
    payment = at.payment(at.PAYS)
    if charged_before:
        gateway.charge(payment)
    assert isinstance(gateway.void(payment), Voided)
    for asked in (gateway.charge, at.elsewhere().charge, gateway.status):
        assert isinstance(asked(payment), Refused)
    assert at.held(payment) == 0


def test_a_payment_that_is_voided_while_it_is_pending_can_never_be_made(at: Rehearsal, gateway: PaymentGateway) -> None:
    payment = of(at, at.PAYS_LATER, "to be paid later")
    gateway.charge(payment)
    assert isinstance(gateway.void(payment), Voided)
    at.act(payment)
    assert isinstance(gateway.status(payment), Refused)
    assert at.held(payment) == 0


@pytest.mark.parametrize("by_its_id", [True, False], ids=["by the provider's id", "by the key alone"])
def test_a_void_finds_its_charge_when_the_key_is_forgotten(
    at: Rehearsal, gateway: PaymentGateway, *, by_its_id: bool
) -> None:
    payment = at.payment(at.PAYS)
    paid = cast("Paid", gateway.charge(payment))
    at.pass_by(A_DAY_LATER)
    known = replace(payment, provider_id=paid.payment_id) if by_its_id else payment
    assert isinstance(at.elsewhere().void(known), Voided)
    assert at.held(payment) == 0


def test_what_cannot_be_undone_yet_can_be_later(at: Rehearsal, gateway: PaymentGateway) -> None:
    payment = of(at, at.VOIDS_LATER, "to void later")
    gateway.charge(payment)
    assert gateway.void(payment) == NotYet()
    at.act(payment)
    assert isinstance(gateway.void(payment), Voided)
    assert at.held(payment) == 0


def test_what_was_charged_back_is_never_undone_and_the_reason_is_told(at: Rehearsal, gateway: PaymentGateway) -> None:
    payment = of(at, at.CHARGES_BACK, "to charge back")
    gateway.charge(payment)
    refused = gateway.void(payment)
    assert isinstance(refused, Never)
    assert [gateway.void(payment), at.elsewhere().void(payment)] == [refused, refused]


def test_what_somebody_refunded_by_hand_was_undone_before(at: Rehearsal, gateway: PaymentGateway) -> None:
    payment = of(at, at.REFUNDED_BY_HAND, "to refund by hand")
    gateway.charge(payment)
    assert gateway.void(payment) == VoidedBefore()
    assert at.held(payment) == 0


# --- hints ------------------------------------------------------------------------------------------------------------


def test_a_signed_call_hints_at_its_payment(at: Rehearsal, gateway: PaymentGateway) -> None:
    payment = at.payment(at.PAYS)
    if (call := at.signed(payment)) is None:
        pytest.skip("does not apply: this provider sends no webhooks")
    assert gateway.webhook(*call) == Hint(payment.key)


def test_a_signed_call_about_something_else_is_no_hint(at: Rehearsal, gateway: PaymentGateway) -> None:
    if (call := at.signed(None)) is None:
        pytest.skip("does not apply: this provider sends no webhooks")
    assert gateway.webhook(*call) is None


@pytest.mark.parametrize("body", [b"", b"{}", b"\xff\x00", b'{"key": "order-1"}', b"[" * 10_000], ids=repr)
def test_a_call_without_a_signature_is_forged_whatever_it_says(gateway: PaymentGateway, body: bytes) -> None:
    with pytest.raises(ForgedHintError):
        gateway.webhook({}, body)


def test_a_signature_under_another_body_is_forged(at: Rehearsal, gateway: PaymentGateway) -> None:
    if ((call := at.signed(at.payment(at.PAYS))) is None) or not at.SIGNS_THE_BODY:
        pytest.skip("does not apply: this provider signs no webhook by its body")
    headers, body = call
    with pytest.raises(ForgedHintError):
        gateway.webhook(headers, body + b" ")


def test_an_event_of_the_partner_bus_hints_at_its_payment(at: Rehearsal, gateway: PaymentGateway) -> None:
    payment = at.payment(at.PAYS)
    if (detail := at.partner_event(payment)) is None:
        assert gateway.partner_event({}) is None
        return
    assert gateway.partner_event(detail) == Hint(payment.key)
    assert gateway.partner_event(at.partner_event(None) or {}) is None
