"""What Stripe says, and what the gateway makes of it."""

import json
import time
from datetime import timedelta

import pytest
import stripe
from hypothesis import given
from hypothesis import strategies as st

from payments.gateway import ForgedHintError, Hint, Never, NotYet, Paid, Pending, Refused, Voided, VoidedBefore
from saga.deferral import KeyRefusedError, UnreachableError
from tests.contract.stripe_shop import DECLINED, DECLINED_IBAN, NEEDS_3DS, RETURN_URL, WEBHOOK_SECRET, Shop, new_payment
from tests.stripe_at_hand import books
from tests.stripe_at_hand.fixtures import StripeAtHand
from tests.stripe_at_hand.rules import Strike
from tools.base.waiting import wait_for


@pytest.fixture
def shop(stripe_at_hand: StripeAtHand) -> Shop:
    return Shop(stripe_at_hand)


def test_a_declined_card_is_refused_for_a_reason_that_a_customer_may_read(shop: Shop) -> None:
    payment = new_payment(DECLINED)
    assert [shop.gateway.charge(payment), shop.gateway.charge(payment), shop.gateway.status(payment)] == [
        Refused("card declined")
    ] * 3
    assert shop.entry(payment).charges == 0


@pytest.mark.parametrize(
    ("method", "amount", "reason"),
    [
        (None, 4200, "no payment method given"),
        ("pm_nobody_knows", 4200, "payment method not accepted"),
        ("pm_card_visa", 49, "amount not accepted"),
    ],
)
def test_an_order_that_cannot_be_paid_at_all_is_refused_at_once(
    shop: Shop, method: str | None, amount: int, reason: str
) -> None:
    payment = new_payment(method, amount=amount)
    assert shop.gateway.charge(payment) == Refused(reason)
    assert isinstance(shop.gateway.void(payment), Voided | VoidedBefore)
    assert shop.entry(payment).charges == 0


@pytest.mark.parametrize(("currency", "sent"), [("USD", 500), ("JPY", 500), ("ISK", 50_000), ("UGX", 50_000)])
def test_an_amount_is_sent_in_the_units_that_stripe_counts_in(shop: Shop, currency: str, sent: int) -> None:
    payment = new_payment(amount=500, currency=currency)
    assert isinstance(shop.gateway.charge(payment), Paid)
    assert shop.entry(payment).charged == sent


def test_a_payment_that_needs_the_customer_is_pending_and_paid_once_the_customer_went_to_the_page(shop: Shop) -> None:
    payment = new_payment(shop.card(NEEDS_3DS))
    pending = Pending(f"https://hooks.stripe.com/3d_secure_2/{_intent_id(shop, payment)}")
    assert [shop.gateway.charge(payment), shop.gateway.status(payment)] == [pending] * 2
    assert books.intent_of(payment.key).next_action["redirect_to_url"]["return_url"] == RETURN_URL
    shop.authenticate(payment, success=True)
    paid = Paid(books.intent_of(payment.key).id)
    assert [shop.gateway.status(payment), shop.gateway.charge(payment)] == [paid] * 2
    assert shop.entry(payment).charges == 1


def test_a_customer_who_fails_on_the_page_is_refused_and_cannot_try_another_card_later(shop: Shop) -> None:
    payment = new_payment(shop.card(NEEDS_3DS))
    shop.gateway.charge(payment)
    shop.authenticate(payment, success=False)
    assert shop.gateway.status(payment) == Refused("authentication failed")
    assert books.intent_of(payment.key).status == "canceled"
    assert [shop.gateway.status(payment), shop.gateway.charge(payment)] == [Refused("authentication failed")] * 2


def test_a_pending_payment_is_voided_and_the_customer_comes_too_late(shop: Shop) -> None:
    payment = new_payment(shop.card(NEEDS_3DS))
    shop.gateway.charge(payment)
    assert shop.gateway.void(payment) == Voided()
    assert [shop.gateway.status(payment), shop.gateway.charge(payment)] == [Refused("payment voided")] * 2
    with pytest.raises(Exception, match="400 Bad Request"):
        shop.authenticate(payment, success=True)


def test_a_bank_debit_that_is_processed_cannot_be_voided_yet(shop: Shop) -> None:
    payment = new_payment(shop.debit(DECLINED_IBAN), currency="EUR")
    assert shop.gateway.charge(payment) == Pending()
    assert shop.gateway.void(payment) == NotYet()
    shop.rules.debits_are_decided = True
    assert wait_for(lambda: isinstance(shop.gateway.status(payment), Refused), seconds=5)
    assert shop.gateway.void(payment) == VoidedBefore()


def test_what_was_charged_back_cannot_be_voided(shop: Shop) -> None:
    payment = new_payment()
    shop.gateway.charge(payment)
    shop.charge_back(payment.key)
    assert [shop.gateway.void(payment)] * 2 == [Never("charged back by the customer")] * 2
    assert (shop.entry(payment).refunded, shop.entry(payment).kept) == (0, 0)


def test_what_was_refunded_by_hand_was_voided_before(shop: Shop) -> None:
    payment = new_payment()
    paid = shop.gateway.charge(payment)
    shop.refund_by_hand(payment.key)
    assert shop.gateway.void(payment) == VoidedBefore()
    assert isinstance(paid, Paid)
    assert shop.gateway.charge(payment) == Refused("payment voided")
    assert shop.entry(payment).refunded == 4200


def test_a_rotated_api_key_is_read_again_at_the_first_refusal(shop: Shop) -> None:
    shop.gateway.charge(new_payment())
    shop.rules.api_keys = {"sk_test_second"}
    shop.vault.held["api-key"] = "sk_test_second"
    assert isinstance(shop.gateway.charge(new_payment()), Paid)
    assert isinstance(shop.gateway.charge(new_payment()), Paid)
    assert shop.vault.reads == 2
    assert [call.status for call in shop.rules.calls].count(401) == 1


def test_an_api_key_that_is_refused_even_when_read_again_says_so(shop: Shop) -> None:
    shop.rules.api_keys = set()
    with pytest.raises(KeyRefusedError, match="Stripe: AuthenticationError, 401"):
        shop.gateway.charge(new_payment())
    assert shop.vault.reads == 2


def test_a_call_that_failed_is_repeated_by_nobody_but_the_saga(shop: Shop) -> None:
    shop.rules.strike("POST", Strike.LIMITED)
    with pytest.raises(UnreachableError, match="RateLimitError, 429"):
        shop.gateway.charge(new_payment())
    assert shop.asked() == ["POST payment_intents"]


def test_a_fault_names_no_customer_and_no_payment_method(shop: Shop) -> None:
    payment = new_payment("pm_card_visa_of_somebody", customer_id="CUST-SOMEBODY")
    shop.rules.strike("POST", Strike.LOST)
    with pytest.raises(UnreachableError) as fault:
        shop.gateway.charge(payment)
    assert (str(fault.value), fault.value.__suppress_context__) == ("Stripe: APIConnectionError", True)


def _intent_id(shop: Shop, payment: object) -> str:
    shop.gateway.charge(payment)
    return str(books.intent_of(payment.key).id)  # type: ignore[attr-defined]


def _event(kind: str, **subject: object) -> dict[str, object]:
    return {"id": "evt_1", "object": "event", "type": kind, "data": {"object": subject}}


def _signed(body: str, secret: str = WEBHOOK_SECRET, age: timedelta = timedelta()) -> dict[str, str]:
    at = int(time.time() - age.total_seconds())
    return {"STRIPE-signature": stripe.WebhookSignature.generate_signature_header(body, secret, at)}


@pytest.mark.parametrize(
    ("event", "hint"),
    [
        (_event("payment_intent.succeeded", object="payment_intent", metadata={"order_id": "1"}), Hint("1")),
        (_event("charge.dispute.created", object="charge", metadata={"order_id": "1"}), Hint("1")),
        (
            _event("refund.failed", object="refund", status="failed", metadata={"order_id": "1"}),
            Hint("1", refund_failed=True),
        ),
        (_event("refund.updated", object="refund", status="succeeded", metadata={"order_id": "1"}), Hint("1")),
        (_event("payment_intent.succeeded", object="payment_intent", metadata={}), None),
        (_event("payout.paid", object="payout"), None),
        ({"id": "evt_1", "object": "event", "type": "payout.paid", "data": {}}, None),
    ],
)
def test_an_event_of_stripe_is_a_hint_about_its_order_however_it_came(
    shop: Shop, event: dict[str, object], hint: Hint | None
) -> None:
    body = json.dumps(event)
    assert [shop.gateway.webhook(_signed(body), body.encode()), shop.gateway.partner_event(event)] == [hint] * 2


def test_a_webhook_that_stripe_did_not_sign_or_long_ago_or_with_another_body_is_forged(shop: Shop) -> None:
    body = json.dumps(_event("payment_intent.succeeded", metadata={"order_id": "1"}))
    forged = [
        ({}, body.encode()),
        ({"Stripe-Signature": "t=1,v1=0"}, body.encode()),
        ({"Stripe-Signature": "nonsense"}, body.encode()),
        (_signed(body, secret="whsec_another"), body.encode()),  # noqa: S106
        (_signed(body, age=timedelta(minutes=6)), body.encode()),
        (_signed(body), body.replace("1", "2").encode()),
        (_signed(body), b"\xff"),
        (_signed("no JSON"), b"no JSON"),
    ]
    for headers, sent in forged:
        with pytest.raises(ForgedHintError):
            shop.gateway.webhook(headers, sent)


@given(
    detail=st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(st.sampled_from(["type", "data", "object", "metadata", "order_id"]) | st.text(), inner)
        ),
    )
)
def test_whatever_is_on_the_partner_event_bus_is_a_hint_or_none(detail: object) -> None:
    from payments.stripe_gateway import StripeGateway  # noqa: PLC0415

    hint = StripeGateway.partner_event(None, detail)  # type: ignore[arg-type]
    assert hint is None or hint.key
