"""Ways to break a guard of Stripe's adapter. Each takes a `MonkeyPatch`, so the code itself is never touched."""

from itertools import count
from typing import Any
from uuid import uuid4

import pytest
import stripe

from payments import stripe_gateway
from payments.gateway import Never, NotYet, Voided
from payments.stripe_gateway import UNCONFIRMED, StripeGateway
from tests.simulation.mutations import as_it_is

Patch = pytest.MonkeyPatch


def each_call_has_a_key_of_its_own(patch: Patch) -> None:
    patch.setattr(stripe_gateway, "derived_id", lambda _kind, _name: str(uuid4()))


def a_stored_500_is_repeated_under_its_key(patch: Patch) -> None:
    patch.setattr(StripeGateway, "_under_keys", _under_keys(lambda _fault, attempt: attempt))


def another_key_is_taken_whenever_nothing_is_known(patch: Patch) -> None:
    patch.setattr(StripeGateway, "_under_keys", _under_keys(lambda _fault, attempt: attempt + 1))


def the_index_is_not_asked(patch: Patch) -> None:
    patch.setattr(StripeGateway, "_search", lambda _self, _payment: [])


def an_unconfirmed_intent_is_not_cancelled(patch: Patch) -> None:
    _undo_nothing(patch, UNCONFIRMED)


def a_pending_payment_is_not_cancelled(patch: Patch) -> None:
    _undo_nothing(patch, {"requires_action"})


def a_chargeback_is_refunded_again_and_again(patch: Patch) -> None:
    _take_for(patch, Never, NotYet())


def a_refund_that_waits_for_the_balance_is_taken_for_one(patch: Patch) -> None:
    _take_for(patch, NotYet, Voided())


def _undo_nothing(patch: Patch, statuses: set[str]) -> None:
    """Say that an intent of these statuses is void, and leave it as it is."""
    undo = as_it_is(StripeGateway, "_undo")

    def lazy(self: Any, payment: Any, intent: Any) -> Any:
        return Voided() if intent.status in statuses else undo(self, payment, intent)

    patch.setattr(StripeGateway, "_undo", lazy)


def _take_for(patch: Patch, one: type, other: Any) -> None:
    """Take one answer to a refund for another."""
    refund = as_it_is(StripeGateway, "_refund")

    def mistaken(self: Any, payment: Any, intent: Any) -> Any:
        answer = refund(self, payment, intent)
        return other if isinstance(answer, one) else answer

    patch.setattr(StripeGateway, "_refund", mistaken)


def _under_keys(after: Any) -> Any:
    """Return how requests are made if the key after a 5xx is the one that `after` returns."""
    made = as_it_is(stripe_gateway, "derived_id")

    def under_keys(self: Any, purpose: str, payment: Any, request: Any) -> Any:
        attempt = 1
        for tries in count(1):
            key = made(f"stripe-{purpose}-{attempt}", payment.key)
            try:
                return self._account.ask(lambda client, key=key: request(client, key))
            except stripe.APIError as fault:
                before, attempt = attempt, after(fault, attempt)
                if attempt == before or tries == 3:
                    raise
        raise AssertionError

    return under_keys
