"""Each answer that Stripe documents, and what it means to an order; what is asked of Stripe to the letter."""

from datetime import UTC, datetime
from typing import Any

import pytest
import stripe

from contract.identity import derived_id
from payments.gateway import ForgedHintError, Hint, Never, NotYet, Paid, Payment, Pending, Refused, Voided, VoidedBefore
from payments.ledger import Payment as Booked
from payments.stripe_gateway import StripeFaultError, StripeGateway
from payments.stripe_ledger import StripeLedger
from saga.deferral import Deferral, KeyRefusedError, UnreachableError
from tests.contract.scripted_stripe import ScriptedStripe, intent, page, refused
from tests.contract.stripe_shop import RETURN_URL

PAYMENT = Payment("order-1", "CUST-1", 4200, "USD", "pm_1")
KNOWN = Payment("order-1", "CUST-1", 4200, "USD", "pm_1", provider_id="pi_1")
EXPANDED = {"expand": ["latest_charge"]}
PAID = {"refunded": False, "status": "succeeded"}
CHARGED = intent("succeeded", charge=PAID)


def confirmed(headers: dict[str, str] | None) -> Any:
    """Return the answer to a confirmation, with these headers."""
    answered = intent("succeeded", charge=PAID)
    vars(answered)["_last_response"] = stripe.StripeResponse("{}", 200, headers)  # type: ignore[arg-type]
    return answered


def gateway(*answers: Any) -> tuple[StripeGateway, ScriptedStripe]:
    account = ScriptedStripe(*answers)
    return StripeGateway(account), account  # type: ignore[arg-type]  # it has all that is used of one


# --- what is asked ----------------------------------------------------------------------------------------------------


def test_a_charge_makes_an_intent_from_the_order_alone_and_confirms_it() -> None:
    asked_at, account = gateway(intent("requires_confirmation"), confirmed({}))
    assert asked_at.charge(PAYMENT) == Paid("pi_1")
    parameters = {
        "amount": 4200,
        "currency": "usd",
        "automatic_payment_methods": {"enabled": True},
        "metadata": {"order_id": "order-1"},
        "payment_method": "pm_1",
    }
    assert account.asked == [
        ("payment_intents.create", parameters, {"idempotency_key": derived_id("stripe-intent-1", "order-1")}),
        (
            "payment_intents.confirm",
            "pi_1",
            {"return_url": RETURN_URL},
            {"idempotency_key": derived_id("stripe-confirm-1", "order-1")},
        ),
    ]


@pytest.mark.parametrize(
    ("headers", "retrieved"),
    [
        ({"Idempotent-Replayed": "true"}, True),
        ({"idempotent-replayed": "true"}, True),
        ({"Idempotent-Replayed": "false"}, False),
        ({"Original-Request": "req_1"}, False),
        (None, False),
    ],
    ids=repr,
)
def test_an_answer_from_stripes_memory_is_old_and_the_intent_is_read(
    headers: dict[str, str] | None, *, retrieved: bool
) -> None:
    asked_at, account = gateway(intent("requires_confirmation"), confirmed(headers), intent("canceled"))
    assert asked_at.charge(PAYMENT) == (Refused("payment voided") if retrieved else Paid("pi_1"))
    assert account.asked[2:] == ([("payment_intents.retrieve", "pi_1", EXPANDED)] if retrieved else [])


def test_the_keys_at_stripe_are_the_same_in_every_release() -> None:
    """Written out: under other keys, an order that was charged by the last release would be charged again."""
    assert [derived_id(f"stripe-{purpose}-1", "order-1") for purpose in ("intent", "confirm")] == [
        "59ed3f7b-c05c-57b8-801d-f630e48be7d6",
        "0bdfbc75-14a2-53f7-8f54-dc201700f648",
    ]


def test_a_refund_is_of_the_whole_intent_and_names_its_order() -> None:
    refund = stripe.Refund.construct_from({"id": "re_1", "object": "refund", "status": "succeeded"}, "key")
    asked_at, account = gateway(CHARGED, refund)
    assert asked_at.void(KNOWN) == Voided("re_1")
    assert account.asked == [
        ("payment_intents.retrieve", "pi_1", EXPANDED),
        ("refunds.create", {"payment_intent": "pi_1", "metadata": {"order_id": "order-1"}}),
    ]


def test_the_index_is_searched_by_the_order() -> None:
    asked_at, account = gateway(refused(param="payment_method"), page())
    assert asked_at.void(PAYMENT) == Voided()
    assert account.asked[1:] == [("payment_intents.search", {"query": "metadata['order_id']:'order-1'", "limit": 100})]


# --- how a payment stands ---------------------------------------------------------------------------------------------


DECLINED = {"code": "card_declined", "decline_code": "insufficient_funds"}


@pytest.mark.parametrize(
    ("standing", "means"),
    [
        (CHARGED, Paid("pi_1")),
        (intent("succeeded", charge={"refunded": True}), Refused("payment voided")),
        (intent("canceled"), Refused("payment voided")),
        (intent("canceled", last_payment_error=DECLINED), Refused("insufficient funds")),
        (intent("processing"), Pending()),
        (intent("requires_action", next_action={"type": "use_stripe_sdk", "redirect_to_url": None}), Pending()),
        (
            intent("requires_action", next_action={"redirect_to_url": {"url": "https://bank.example/1"}}),
            Pending("https://bank.example/1"),
        ),
    ],
    ids=["paid", "refunded", "cancelled", "declined", "at the bank", "in the app", "on a page"],
)
def test_an_intent_stands_so(standing: Any, means: object) -> None:
    asked_at, account = gateway(standing)
    assert asked_at.status(KNOWN) == means
    assert account.asked == [("payment_intents.retrieve", "pi_1", EXPANDED)]


def test_an_intent_whose_card_was_declined_is_cancelled_so_that_nobody_pays_it_by_another() -> None:
    asked_at, account = gateway(intent("requires_payment_method", last_payment_error=DECLINED), intent("canceled"))
    assert asked_at.status(KNOWN) == Refused("insufficient funds")
    assert account.asked[1:] == [("payment_intents.cancel", "pi_1")]


@pytest.mark.parametrize(("now", "means"), [("canceled", Refused("card declined")), ("succeeded", None)])
def test_an_intent_that_cannot_be_cancelled_is_refused_only_if_somebody_else_cancelled_it(
    now: str, means: object
) -> None:
    declined = intent("requires_payment_method", last_payment_error={"code": "card_declined"})
    asked_at, account = gateway(declined, refused("payment_intent_unexpected_state"), intent(now))
    if means:
        assert asked_at.status(KNOWN) == means
    else:
        with pytest.raises(StripeFaultError):
            asked_at.status(KNOWN)
    assert account.asked[-1] == ("payment_intents.retrieve", "pi_1", EXPANDED)


@pytest.mark.parametrize("status", ["requires_confirmation", "requires_payment_method", "canceled"])
def test_an_intent_that_nobody_confirmed_was_made_since_and_the_confirmed_one_is_in_the_index(status: str) -> None:
    made, confirmed = intent(status), intent("succeeded", number=2, charge=PAID)
    asked_at, account = gateway(made, made, page(made, confirmed), made, confirmed)
    assert asked_at.status(PAYMENT) == Paid("pi_2")
    assert [operation for operation, *_ in account.asked] == [
        *("payment_intents.create", "payment_intents.retrieve", "payment_intents.search"),
        *["payment_intents.retrieve"] * 2,
    ]


def test_the_confirmed_intent_counts_though_the_index_has_one_before_it_that_nobody_confirmed() -> None:
    made, earlier = intent("requires_confirmation"), intent("requires_confirmation", number=3)
    confirmed = intent("succeeded", number=2, charge=PAID)
    asked_at, _ = gateway(made, made, page(earlier, made, confirmed), earlier, made, confirmed)
    assert asked_at.status(PAYMENT) == Paid("pi_2")


@pytest.mark.parametrize(
    "confirmed",
    [
        intent("canceled", last_payment_error=DECLINED),
        intent("canceled", charge={"refunded": True}),
        intent("requires_payment_method", last_payment_error=DECLINED),
        intent("processing"),
    ],
    ids=["cancelled after a decline", "cancelled after a charge", "declined", "at the bank"],
)
def test_the_index_is_not_asked_about_an_intent_that_somebody_confirmed(confirmed: Any) -> None:
    asked_at, account = gateway(confirmed, confirmed, confirmed)
    asked_at.status(PAYMENT)
    assert "payment_intents.search" not in [operation for operation, *_ in account.asked]


# --- what is undone ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "means"),
    [
        (refused("charge_already_refunded"), VoidedBefore()),
        (refused("charge_disputed"), Never("charged back by the customer")),
        (refused("charge_not_refundable"), Never("not refundable by its payment method")),
        (refused("balance_insufficient"), NotYet()),
        (refused("insufficient_funds"), NotYet()),
        (stripe.Refund.construct_from({"id": "re_1", "status": "failed"}, "key"), NotYet()),
        (stripe.Refund.construct_from({"id": "re_1", "status": "canceled"}, "key"), NotYet()),
        (stripe.Refund.construct_from({"id": "re_1", "status": "pending"}, "key"), Voided("re_1")),
    ],
    ids=lambda said: getattr(said, "code", None) or getattr(said, "status", None) or repr(said),
)
def test_a_refund_is_answered_so(said: Any, means: object) -> None:
    asked_at, _ = gateway(CHARGED, said)
    assert asked_at.void(KNOWN) == means


def test_a_refund_that_stripe_does_not_take_for_another_reason_is_a_fault() -> None:
    asked_at, _ = gateway(CHARGED, refused("parameter_unknown"))
    with pytest.raises(StripeFaultError) as fault:
        asked_at.void(KNOWN)
    assert str(fault.value) == "Stripe: InvalidRequestError, 400, parameter_unknown, req_1"


def test_what_was_refunded_is_not_refunded_again() -> None:
    asked_at, account = gateway(intent("succeeded", charge={"refunded": True}))
    assert asked_at.void(KNOWN) == VoidedBefore()
    assert len(account.asked) == 1


GIVEN_BACK = stripe.Refund.construct_from({"id": "re_9", "status": "succeeded"}, "key")
AT_THE_BANK = (intent("processing"), [refused()], NotYet())
CHARGED_BACK = (CHARGED, [refused("charge_disputed")], Never("charged back by the customer"))
REFUNDED = (CHARGED, [GIVEN_BACK], Voided("re_9"))
CANCELLED: Any = (intent("canceled"), [], VoidedBefore())


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (AT_THE_BANK, CHARGED_BACK),
        (AT_THE_BANK, REFUNDED),
        (AT_THE_BANK, CANCELLED),
        (CHARGED_BACK, REFUNDED),
        (CHARGED_BACK, CANCELLED),
        (REFUNDED, CANCELLED),
    ],
)
@pytest.mark.parametrize("graver_first", [True, False], ids=["graver first", "graver last"])
def test_of_several_intents_the_gravest_answer_counts(one: Any, other: Any, *, graver_first: bool) -> None:
    first, second = (one, other) if graver_first else (other, one)
    found = page(first[0], second[0])
    asked_at, _ = gateway(refused(param="amount"), found, first[0], second[0], *first[1], *second[1])
    assert asked_at.void(PAYMENT) == one[2]


# --- faults -----------------------------------------------------------------------------------------------------------


def fault(kind: Any, status: int | None, code: str | None = None) -> Any:
    made = kind("no")
    made.http_status, made.code, made.request_id = status, code, "req_1"
    return made


@pytest.mark.parametrize(
    ("raised", "kind", "message"),
    [
        (fault(stripe.AuthenticationError, 401), KeyRefusedError, "AuthenticationError, 401, req_1"),
        (fault(stripe.PermissionError, 403), KeyRefusedError, "PermissionError, 403, req_1"),
        (fault(stripe.APIError, 409, "lock_timeout"), Deferral, "APIError, 409, lock_timeout, req_1"),
        (fault(stripe.APIConnectionError, None), UnreachableError, "APIConnectionError, req_1"),
        (fault(stripe.RateLimitError, 429, "rate_limit"), UnreachableError, "RateLimitError, 429, rate_limit, req_1"),
        (fault(stripe.APIError, 500), UnreachableError, "APIError, 500, req_1"),
        (refused("resource_missing"), StripeFaultError, "InvalidRequestError, 400, resource_missing, req_1"),
    ],
    ids=lambda said: type(said).__name__ if isinstance(said, Exception) else "",
)  # fmt: skip
def test_a_fault_is_told_by_its_kind_its_status_its_code_and_its_request(
    raised: Exception, kind: type[Exception], message: str
) -> None:
    for operation in ("status", "void"):
        asked_at, _ = gateway(raised)
        with pytest.raises(kind) as told:
            getattr(asked_at, operation)(KNOWN)
        assert (type(told.value), str(told.value)) == (kind, f"Stripe: {message}")


# --- hints ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["failed", "canceled", "succeeded", "pending"])
@pytest.mark.parametrize("kind", ["refund.failed", "refund.updated", "charge.refund.updated", "refund.created"])
def test_a_refund_came_back_if_its_event_says_so(kind: str, status: str) -> None:
    came_back = {
        "refund.failed": {"failed"},
        "refund.updated": {"failed", "canceled"},
        "charge.refund.updated": {"failed", "canceled"},
        "refund.created": set[str](),
    }
    subject = {"object": "refund", "status": status, "metadata": {"order_id": "order-1"}}
    asked_at, _ = gateway()
    hint = asked_at.partner_event({"type": kind, "data": {"object": subject}})
    assert hint == Hint("order-1", refund_failed=status in came_back[kind])
    other = asked_at.partner_event({"type": kind, "data": {"object": {**subject, "object": "charge"}}})
    assert other == Hint("order-1")


def test_an_event_about_an_empty_key_is_no_hint() -> None:
    asked_at, _ = gateway()
    assert asked_at.partner_event({"type": "t", "data": {"object": {"metadata": {"order_id": ""}}}}) is None


def test_a_forged_call_says_what_is_wrong_and_quotes_nothing() -> None:
    asked_at, _ = gateway()
    with pytest.raises(ForgedHintError, match=r"^Stripe did not sign this, or more than five minutes ago$") as forged:
        asked_at.webhook({"Stripe-Signature": "t=1,v1=0"}, b"{}")
    assert forged.value.__suppress_context__


# --- the books --------------------------------------------------------------------------------------------------------


START, END = datetime(2026, 1, 31, 9, 30, tzinfo=UTC), datetime(2026, 1, 31, 10, 30, tzinfo=UTC)
SINCE = {"gte": 1_769_851_800}


def booked(number: int, currency: str = "usd", **charge: Any) -> Any:
    said = {"status": "succeeded", "amount": 4200, "amount_refunded": 0, "disputed": False, **charge}
    return intent("succeeded", number=number, charge=said, currency=currency, metadata={"order_id": f"order-{number}"})


def returned(number: int, status: str) -> Any:
    return stripe.Refund.construct_from({"id": f"re_{number}", "payment_intent": f"pi_{number}", "status": status}, "k")


def test_a_reconciliation_reads_refunds_since_and_payments_within_the_time_page_by_page() -> None:
    account = ScriptedStripe(
        page(returned(7, "succeeded"), returned(1, "failed"), more=True),
        page(returned(2, "canceled")),
        page(booked(1), booked(2), more=True),
        page(booked(3, amount_refunded=4200), intent("processing", number=4)),
    )
    ledger = StripeLedger(account)  # type: ignore[arg-type]
    found = [(each.key, each.held, each.refund_failed) for each in ledger.payments(START, END)]
    assert found == [("order-1", 4200, True), ("order-2", 4200, True), ("order-3", 0, False)]
    within = {"created": {**SINCE, "lt": 1_769_855_400}, "limit": 100, "expand": ["data.latest_charge"]}
    assert account.asked == [
        ("refunds.list", {"created": SINCE, "limit": 100}),
        ("refunds.list", {"created": SINCE, "limit": 100, "starting_after": "re_1"}),
        ("payment_intents.list", within),
        ("payment_intents.list", {**within, "starting_after": "pi_2"}),
    ]
    assert ledger.calls == 4


@pytest.mark.parametrize(
    ("entry", "payment"),
    [
        (booked(1), Booked("order-1", "pi_1", 4200, 0, "USD", START)),
        (booked(2, amount_refunded=200), Booked("order-2", "pi_2", 4200, 200, "USD", START)),
        (booked(3, disputed=True), Booked("order-3", "pi_3", 4200, 4200, "USD", START)),
        (booked(4, "isk", amount=50_000, amount_refunded=10_000), Booked("order-4", "pi_4", 500, 100, "ISK", START)),
        (booked(5, "ugx", amount=50_000), Booked("order-5", "pi_5", 500, 0, "UGX", START)),
    ],
    ids=["paid", "refunded in part", "charged back", "in krónur", "in shillings"],
)
def test_an_entry_reads_so(entry: Any, payment: Booked) -> None:
    ledger = StripeLedger(ScriptedStripe(page(), page(entry)))  # type: ignore[arg-type]
    assert list(ledger.payments(START, END)) == [payment]


def test_a_payment_that_names_no_order_is_told_and_one_that_failed_is_not() -> None:
    bare = booked(1)
    del bare["metadata"]
    ledger = StripeLedger(ScriptedStripe(page(), page(bare, booked(2, status="failed"))))  # type: ignore[arg-type]
    assert [each.key for each in ledger.payments(START, END)] == [None]
