"""Why Stripe refused a payment, in words that a customer may read (Stripe, "Decline codes", "Error codes")."""

DECLINED = "payment declined"
REASONS = {
    "authentication_required": "authentication failed",
    "card_declined": "card declined",
    "card_not_supported": "card not supported",
    "card_velocity_exceeded": "card limit exceeded",
    "currency_not_supported": "currency not supported",
    "expired_card": "card expired",
    "incorrect_cvc": "wrong security code",
    "incorrect_number": "wrong card number",
    "incorrect_zip": "wrong postal code",
    "insufficient_funds": "insufficient funds",
    "invalid_cvc": "wrong security code",
    "invalid_expiry_month": "wrong expiry date",
    "invalid_expiry_year": "wrong expiry date",
    "invalid_number": "wrong card number",
    "payment_intent_authentication_failure": "authentication failed",
    "processing_error": "payment could not be processed",
    "try_again_later": "payment could not be processed",
    "withdrawal_count_limit_exceeded": "card limit exceeded",
}
"""By decline code, or else by error code. Whatever is not here says no more than that the card, or the payment, was
declined: Stripe asks not to tell a customer that a card is reported as stolen, or that a payment is taken for fraud."""
OF_THE_ORDER = {
    "amount": "amount not accepted",
    "currency": "currency not supported",
    "payment_method": "payment method not accepted",
}
"""By the parameter that Stripe does not take: one that the order brought, so that repeating it helps nobody."""


def of_decline(decline_code: str | None, code: str | None) -> str:
    """Return why a payment was declined."""
    return REASONS.get(decline_code or "") or REASONS.get(code or "") or DECLINED


def of_parameter(parameter: str | None) -> str | None:
    """Return why an order cannot be paid at all, None if what Stripe does not take is not the order's."""
    return OF_THE_ORDER.get((parameter or "").partition("[")[0])
