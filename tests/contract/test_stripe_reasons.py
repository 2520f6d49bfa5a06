"""What a customer is told of a payment that Stripe refused: the whole of Stripe's tables, code by code."""

import pytest

from payments.stripe_reasons import OF_THE_ORDER, REASONS, of_decline, of_parameter

TOLD = {
    "authentication failed": ["authentication_required", "payment_intent_authentication_failure"],
    "card declined": ["card_declined"],
    "card expired": ["expired_card"],
    "card limit exceeded": ["card_velocity_exceeded", "withdrawal_count_limit_exceeded"],
    "card not supported": ["card_not_supported"],
    "currency not supported": ["currency_not_supported"],
    "insufficient funds": ["insufficient_funds"],
    "payment could not be processed": ["processing_error", "try_again_later"],
    "wrong card number": ["incorrect_number", "invalid_number"],
    "wrong expiry date": ["invalid_expiry_month", "invalid_expiry_year"],
    "wrong postal code": ["incorrect_zip"],
    "wrong security code": ["incorrect_cvc", "invalid_cvc"],
}
"""What is told, by the decline codes and error codes of which a customer may know."""
NOT_TOLD = [
    "approve_with_id",
    "authentication_not_handled",
    "call_issuer",
    "do_not_honor",
    "do_not_try_again",
    "duplicate_transaction",
    "fraudulent",
    "generic_decline",
    "incorrect_address",
    "incorrect_pin",
    "invalid_account",
    "invalid_amount",
    "invalid_pin",
    "issuer_not_available",
    "lost_card",
    "merchant_blacklist",
    "mobile_device_authentication_required",
    "new_account_information_available",
    "no_action_taken",
    "not_permitted",
    "offline_pin_required",
    "online_or_offline_pin_required",
    "pickup_card",
    "pin_try_exceeded",
    "reenter_transaction",
    "restricted_card",
    "revocation_of_all_authorizations",
    "revocation_of_authorization",
    "security_violation",
    "service_not_allowed",
    "stolen_card",
    "stop_payment_order",
    "testmode_decline",
    "transaction_not_allowed",
]
"""The other decline codes (Stripe, "Decline codes"): of these, a customer hears that the card was declined."""
CODES = [(code, told) for told, codes in TOLD.items() for code in codes]


@pytest.mark.parametrize(("code", "told"), CODES)
def test_a_code_of_which_a_customer_may_know_is_told_as_decline_code_and_as_error_code(code: str, told: str) -> None:
    assert [of_decline(code, "card_declined"), of_decline(code, None), of_decline(None, code)] == [told] * 3
    assert of_decline("of_a_later_release", code) == told


@pytest.mark.parametrize("code", NOT_TOLD)
def test_of_any_other_code_a_customer_hears_no_more_than_that_the_card_was_declined(code: str) -> None:
    assert of_decline(code, "card_declined") == "card declined"


@pytest.mark.parametrize("codes", [(None, None), ("", ""), ("of_a_later_release", "and_this")], ids=repr)
def test_where_no_code_is_known_the_payment_was_declined(codes: tuple[str | None, str | None]) -> None:
    assert of_decline(*codes) == "payment declined"


@pytest.mark.parametrize(
    ("parameter", "told"),
    [
        ("amount", "amount not accepted"),
        ("currency", "currency not supported"),
        ("payment_method", "payment method not accepted"),
        ("payment_method[card][number]", "payment method not accepted"),
        ("return_url", None),
        ("metadata[amount]", None),
        ("", None),
        (None, None),
    ],
)
def test_a_parameter_that_came_with_the_order_refuses_the_order_and_no_other_does(
    parameter: str | None, told: str | None
) -> None:
    assert of_parameter(parameter) == told


def test_no_row_is_in_the_tables_that_is_not_here() -> None:
    assert dict(CODES) == REASONS
    assert OF_THE_ORDER.keys() == {"amount", "currency", "payment_method"}
