"""No order is charged twice at Stripe, and none whose payment was voided is charged at all: race by race."""

from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest

from payments.gateway import NotYet, Paid, Refused, Voided, VoidedBefore
from tests.contract.stripe_shop import FAULTS, NEEDS_3DS, Shop, new_payment
from tests.slow import slow_but_for
from tests.stripe_at_hand import books
from tests.stripe_at_hand.books import Entry
from tests.stripe_at_hand.fixtures import StripeAtHand
from tests.stripe_at_hand.rules import Strike

MAKE, CONFIRM, RETRIEVE = "POST .*/payment_intents$", "POST .*/confirm$", r"GET .*/payment_intents/pi_\w+$"
CANCEL, REFUND, SEARCH = "POST .*/cancel$", "POST .*/refunds$", "GET .*/search$"
A_DAY_LATER = timedelta(hours=25)
STRIKES = slow_but_for([*((strike,) for strike in Strike), *product(Strike, repeat=2)], quick=len(Strike))


@pytest.fixture
def shop(stripe_at_hand: StripeAtHand) -> Shop:
    return Shop(stripe_at_hand)


def test_a_payment_takes_two_calls_and_no_read(shop: Shop) -> None:
    payment = new_payment()
    assert shop.gateway.charge(payment) == Paid(books.intent_of(payment.key).id)
    assert shop.asked() == ["POST payment_intents", "POST payment_intents/…/confirm"]
    assert shop.entry(payment) == Entry(intents=1, charges=1, charged=4200)


def test_a_repeated_charge_is_paid_under_the_same_id_and_charged_once(shop: Shop) -> None:
    payment = new_payment()
    assert len({shop.another_environment().charge(payment) for _ in range(3)}) == 1
    assert shop.entry(payment) == Entry(intents=1, charges=1, charged=4200)


@pytest.mark.parametrize("strikes", STRIKES, ids=lambda strikes: "-".join(each.name for each in strikes))
@pytest.mark.parametrize("call", [MAKE, CONFIRM])
def test_whatever_call_fails_however_the_order_is_charged_once(
    shop: Shop, call: str, strikes: tuple[Strike, ...]
) -> None:
    payment = new_payment()
    shop.rules.strike(call, *strikes)
    with pytest.raises(FAULTS):
        shop.gateway.charge(payment)
    assert isinstance(shop.charge_until_answered(payment), Paid)
    assert len(shop.confirmed()) == 1
    assert shop.entry(payment).charges == 1


@pytest.mark.parametrize("strikes", STRIKES, ids=lambda strikes: "-".join(each.name for each in strikes))
@pytest.mark.parametrize("call", [MAKE, CONFIRM, RETRIEVE, CANCEL, REFUND])
def test_whatever_call_fails_however_a_void_leaves_no_money(shop: Shop, call: str, strikes: tuple[Strike, ...]) -> None:
    payment = new_payment()
    shop.rules.strike(call, *strikes)
    for _ in range(2):
        try:
            shop.gateway.charge(payment)
        except FAULTS:
            continue
    for _ in range(6):
        try:
            answer = shop.gateway.void(payment)
        except FAULTS:
            continue
        if not isinstance(answer, NotYet):
            break
    assert isinstance(answer, Voided | VoidedBefore)
    assert isinstance(shop.charge_until_answered(payment), Refused)
    assert shop.entry(payment).kept == 0
    assert shop.entry(payment).charges <= 1


def test_a_500_that_is_not_stored_is_repeated_under_the_same_key(shop: Shop) -> None:
    """Under another, it would be a second intent beside the one that somebody else makes under the first."""
    payment = new_payment()
    shop.rules.strike(MAKE, Strike.UNSTORED)
    with pytest.raises(FAULTS):
        shop.gateway.charge(payment)
    assert shop.another_environment().charge(payment) == shop.gateway.charge(payment)
    assert shop.entry(payment) == Entry(intents=1, charges=1, charged=4200)


def test_after_a_stored_500_another_key_makes_an_intent_and_only_that_is_ever_confirmed(shop: Shop) -> None:
    payment = new_payment()
    shop.rules.strike(MAKE, Strike.AFTER)
    assert isinstance(shop.charge_until_answered(payment), Paid)
    assert isinstance(shop.another_environment().charge(payment), Paid)
    assert len(shop.confirmed()) == 1
    assert shop.entry(payment) == Entry(intents=2, charges=1, charged=4200)


@pytest.mark.parametrize("call", [MAKE, CONFIRM])
def test_two_charges_at_the_same_time_are_one(shop: Shop, call: str) -> None:
    payment = new_payment()
    second: list[object] = []

    def charge_as_well() -> None:
        try:
            second.append(shop.another_environment().charge(payment))
        except FAULTS as fault:
            second.append(fault)

    shop.rules.meanwhile[call] = charge_as_well
    first = shop.gateway.charge(payment)
    assert isinstance(first, Paid)
    assert [str(each) for each in second] == ["Stripe: APIError, 409"]
    assert shop.entry(payment) == Entry(intents=1, charges=1, charged=4200)


@pytest.mark.parametrize("call", [MAKE, CONFIRM])
def test_a_void_while_a_charge_is_under_way_leaves_no_money(shop: Shop, call: str) -> None:
    payment = new_payment()
    answers: list[object] = []

    def void() -> None:
        try:
            answers.append(shop.another_environment().void(payment))
        except FAULTS as fault:
            answers.append(fault)

    shop.rules.meanwhile[call] = void
    charged = shop.gateway.charge(payment)
    # In flight, its intent is out of reach; made, it is cancelled, and the confirmation is refused.
    expected = [("Stripe: APIError, 409", Paid)] if call == MAKE else [("Voided(refund_id=None)", Refused)]
    assert [(str(answer), type(charged)) for answer in answers] == expected
    void()
    assert isinstance(answers[-1], Voided | VoidedBefore)
    assert isinstance(shop.gateway.charge(payment), Refused)
    assert shop.entry(payment).kept == 0


def test_a_charge_while_a_void_is_under_way_is_undone_by_the_next_void(shop: Shop) -> None:
    payment, charged = new_payment(), []
    shop.rules.meanwhile[CANCEL] = lambda: charged.append(shop.another_environment().charge(payment))
    assert isinstance(shop.gateway.void(payment), NotYet)
    assert [type(each) for each in charged] == [Paid]
    assert isinstance(shop.gateway.void(payment), Voided)
    assert shop.entry(payment) == Entry(intents=1, charges=1, charged=4200, refunded=4200)


def test_a_void_before_the_charge_refuses_it(shop: Shop) -> None:
    payment = new_payment()
    assert shop.gateway.void(payment) == Voided()
    assert shop.gateway.charge(payment) == Refused("payment voided")
    assert shop.gateway.void(payment) == VoidedBefore()
    assert shop.entry(payment) == Entry(intents=1)


def test_two_voids_at_the_same_time_refund_once(shop: Shop) -> None:
    payment, second = new_payment(), []
    shop.gateway.charge(payment)
    shop.rules.meanwhile[REFUND] = lambda: second.append(shop.another_environment().void(payment))
    assert {type(shop.gateway.void(payment)), *map(type, second)} == {Voided, VoidedBefore}
    assert shop.entry(payment).kept == 0


@pytest.mark.parametrize("known", [True, False], ids=["its id known", "by its key"])
@pytest.mark.parametrize("stored_failures", [0, 1, 2])
def test_a_void_finds_its_charge_when_the_keys_are_forgotten(shop: Shop, stored_failures: int, *, known: bool) -> None:
    payment = new_payment(key='it\'s \\ a "key"' + new_payment().key)
    shop.rules.strike(MAKE, *[Strike.AFTER] * stored_failures)
    charged = shop.charge_until_answered(payment)
    assert isinstance(charged, Paid)
    shop.rules.passed = A_DAY_LATER
    asked = replace(payment, provider_id=charged.payment_id) if known else payment
    assert isinstance(shop.gateway.void(asked), Voided)
    assert isinstance(shop.gateway.void(asked), VoidedBefore)
    assert shop.entry(payment).kept == 0


@pytest.mark.parametrize("call", [MAKE, RETRIEVE, SEARCH, CANCEL, REFUND])
def test_a_void_that_failed_after_the_keys_were_forgotten_finds_its_charge_when_it_is_repeated(
    shop: Shop, call: str
) -> None:
    """The failed one made an intent under the forgotten key: Stripe knows the key again, and not the charge by it."""
    payment = new_payment()
    shop.gateway.charge(payment)
    shop.rules.passed = A_DAY_LATER
    shop.rules.strike(call, Strike.LOST)
    with pytest.raises(FAULTS):
        shop.gateway.void(payment)
    assert isinstance(shop.gateway.void(payment), Voided | VoidedBefore)
    assert shop.entry(payment).kept == 0


def test_a_payment_that_is_asked_for_after_the_keys_were_forgotten_is_found_and_its_void_finds_it_too(
    shop: Shop,
) -> None:
    payment = new_payment(shop.card(NEEDS_3DS))
    shop.gateway.charge(payment)
    intent = books.intent_of(payment.key)
    shop.go_to_the_bank(intent, success=True)
    shop.rules.passed = A_DAY_LATER
    assert [shop.gateway.status(payment), shop.gateway.status(payment)] == [Paid(intent.id)] * 2
    assert isinstance(shop.gateway.void(payment), Voided)
    assert shop.entry(payment).kept == 0


def test_a_void_does_not_take_an_empty_index_for_no_charge(shop: Shop) -> None:
    """The index lags. What it does not know yet, the key does."""
    payment = new_payment()
    shop.gateway.charge(payment)
    assert isinstance(shop.gateway.void(payment), Voided)
    assert not [call for call in shop.asked() if call.endswith("search")]
    assert shop.entry(payment).kept == 0


def test_a_void_after_a_release_that_changed_the_parameters_waits_for_the_index(shop: Shop) -> None:
    payment = new_payment()
    shop.gateway.charge(payment)
    as_sent_now = replace(payment, amount=payment.amount + 1)
    assert shop.gateway.void(as_sent_now) == NotYet()
    shop.rules.passed = timedelta(minutes=2)
    assert isinstance(shop.gateway.void(as_sent_now), Voided)
    assert shop.entry(payment).kept == 0


def test_a_refused_intent_can_be_paid_by_nobody(shop: Shop) -> None:
    payment = new_payment("pm_card_chargeCustomerFail")
    assert shop.gateway.charge(payment) == Refused("card declined")
    assert books.intent_of(payment.key).status == "canceled"
