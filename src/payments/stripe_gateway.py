"""Stripe behind the payment port, by its own SDK: one PaymentIntent an order.

docs/decisions/stripe-charges-once.md argues, race by race, why no order is charged twice.
"""

from collections.abc import Callable, Mapping
from functools import wraps
from itertools import count
from typing import TYPE_CHECKING, Any, TypeVar

import stripe

from contract.identity import derived_id
from payments import stripe_reasons
from payments.gateway import (
    Charge,
    ForgedHintError,
    Hint,
    Never,
    NotYet,
    Paid,
    Payment,
    Pending,
    Refused,
    Void,
    Voided,
    VoidedBefore,
)
from payments.stripe_account import StripeAccount
from saga.deferral import Deferral, KeyRefusedError, UnreachableError

if TYPE_CHECKING:
    from stripe.params import PaymentIntentCreateParams

ORDER = "order_id"
"""The name, in the metadata of what is made at Stripe, of the payment's key."""
MINOR_UNITS = {"ISK": 100, "UGX": 100}
"""What Stripe counts one ISO minor unit as, where that is not one ("Supported currencies", special cases)."""
VOIDED = "payment voided"
CONFLICT = 409
"""The same request is under way elsewhere ("Idempotent requests")."""
Answer = TypeVar("Answer")


class StripeFaultError(Exception):
    """Stripe answered what the adapter does not understand: nothing is known, and somebody has to look into it."""


def _of(fault: stripe.StripeError) -> Exception:
    """Return what the port raises for a fault of Stripe's; its message names no customer and no card."""
    said = [type(fault).__name__, fault.http_status, fault.code, fault.request_id]
    message = f"Stripe: {', '.join(str(part) for part in said if part)}"
    match fault:
        case stripe.AuthenticationError() | stripe.PermissionError():
            return KeyRefusedError(message)
        case _ if fault.http_status == CONFLICT:
            return Deferral(message)
        case stripe.APIConnectionError() | stripe.RateLimitError() | stripe.APIError():
            return UnreachableError(message)
    return StripeFaultError(message)


def _faults_named(operation: Callable[["StripeGateway", Payment], Answer]) -> Callable[..., Answer]:
    @wraps(operation)
    def named(self: "StripeGateway", payment: Payment) -> Answer:
        try:
            return operation(self, payment)
        except stripe.StripeError as fault:
            # Not "from fault": its text quotes what it was sent.
            raise _of(fault) from None

    return named


class StripeGateway:
    """A `PaymentGateway` at Stripe.

    An order's intent is made, unconfirmed, under a key derived from the order's, which Stripe remembers for a day; who
    asks again is given the same intent. It is then confirmed, and an intent is charged at most once.
    """

    def __init__(self, account: StripeAccount | None = None) -> None:
        self._account = account or StripeAccount.of_the_environment()

    @_faults_named
    def charge(self, payment: Payment) -> Charge:
        """Make the order's intent and confirm it: two calls; see `PaymentGateway.charge`."""
        if payment.method is None:
            return Refused("no payment method given")
        try:
            intent = self._intent(payment)
        except stripe.InvalidRequestError as refusal:
            return _refusal_of_the_order(refusal)
        return self._confirm(payment, intent.id)

    @_faults_named
    def status(self, payment: Payment) -> Charge:
        """Return how the order's intent stands; see `PaymentGateway.status`."""
        asked = self._retrieve(payment.provider_id or self._intent(payment).id)
        if payment.provider_id or _was_confirmed(asked):
            return self._standing(asked)
        # What is pending was confirmed: Stripe forgot the key, and this intent was made since.
        confirmed = [each for each in self._others(payment, asked) if _was_confirmed(each)]
        return self._standing(confirmed[0] if confirmed else asked)

    @_faults_named
    def void(self, payment: Payment) -> Void:
        """Cancel the order's intent, made now if there is none, or refund it; see `PaymentGateway.void`."""
        if payment.provider_id:
            return self._undo(payment, self._retrieve(payment.provider_id))
        try:
            made = self._retrieve(self._intent(payment).id)
        except stripe.InvalidRequestError as refusal:
            _refusal_of_the_order(refusal)
            return self._undo_all(payment, self._search(payment), none=Voided())
        except stripe.IdempotencyError:
            # An intent was made from other parameters, by another release: the index knows it within the hour.
            return self._undo_all(payment, self._search(payment), none=NotYet())
        if _was_confirmed(made):
            return self._undo(payment, made)
        # Nobody confirmed this one: nothing was ever charged, or it was so long ago that Stripe forgot the key, a day
        # at least, and this intent was made since, now or by a call before. What is that old is in the index, which
        # is at most an hour behind.
        return self._undo_all(payment, [*self._others(payment, made), made], none=Voided())

    def webhook(self, headers: Mapping[str, str], body: bytes) -> Hint | None:
        """Return the hint of a webhook call; see `PaymentGateway.webhook`."""
        signature = next((value for name, value in headers.items() if name.lower() == "stripe-signature"), None)
        try:
            event = stripe.Webhook.construct_event(body, signature, self._account.webhook_secret())
        except (stripe.SignatureVerificationError, ValueError):
            # Not "from": it holds the body.
            raise ForgedHintError("Stripe did not sign this, or more than five minutes ago") from None
        return self.partner_event(event.to_dict())

    def partner_event(self, detail: Mapping[str, Any]) -> Hint | None:
        """Return the hint of an event of Stripe's; see `PaymentGateway.partner_event`."""
        match detail:
            case {"type": str(kind), "data": {"object": {"metadata": {"order_id": str(key)}} as subject}} if key:
                is_refund = subject.get("object") == "refund"
                return Hint(key, refund_failed=is_refund and (kind, subject.get("status")) in FAILED_REFUNDS)
        return None

    def _intent(self, payment: Payment) -> stripe.PaymentIntent:
        """Return the order's intent as it was when it was made: unconfirmed, and the same one for everybody."""
        # All of it follows from the order: Stripe refuses a key that comes with other parameters than before.
        parameters: PaymentIntentCreateParams = {
            "amount": payment.amount * MINOR_UNITS.get(payment.currency, 1),
            "currency": payment.currency.lower(),
            "automatic_payment_methods": {"enabled": True},
            "metadata": {ORDER: payment.key},
        }
        if payment.method:
            parameters["payment_method"] = payment.method

        def make(client: stripe.StripeClient, key: str) -> stripe.PaymentIntent:
            return client.v1.payment_intents.create(parameters, {"idempotency_key": key})

        return self._under_keys("intent", payment, make)

    def _confirm(self, payment: Payment, intent: str) -> Charge:
        def confirm(client: stripe.StripeClient, key: str) -> stripe.PaymentIntent:
            return client.v1.payment_intents.confirm(
                intent, {"return_url": self._account.settings.payment_return_url}, {"idempotency_key": key}
            )

        try:
            confirmed = self._under_keys("confirm", payment, confirm)
        except stripe.CardError as decline:
            self._cancel(intent)
            return Refused(_reason(decline.error))
        except (stripe.InvalidRequestError, stripe.IdempotencyError) as refusal:
            # Most likely it is no longer unconfirmed: void, or paid by a call whose answer was lost.
            found = self._retrieve(intent)
            if found.status not in UNCONFIRMED or found.last_payment_error:
                return self._standing(found)
            refused = _refusal_of_the_order(refusal)
            self._cancel(intent)
            return refused
        return self._standing(self._retrieve(intent) if _is_replayed(confirmed.last_response) else confirmed)

    def _under_keys(
        self, purpose: str, payment: Payment, request: Callable[[stripe.StripeClient, str], Answer]
    ) -> Answer:
        """Return the answer to a request made under the order's first key, or the next whose answer is no stored 5xx.

        A 5xx that is not stored yet is raised: who took another key then, while somebody else repeats this one and is
        answered, would make a second intent.
        """
        for attempt in count(1):
            key = derived_id(f"stripe-{purpose}-{attempt}", payment.key)
            try:
                return self._account.ask(lambda client, key=key: request(client, key))  # type: ignore[misc]
            except stripe.APIError as fault:
                if not _is_replayed(fault):
                    raise
        raise AssertionError

    def _standing(self, intent: stripe.PaymentIntent) -> Charge:
        error = intent.last_payment_error
        match intent.status:
            case "succeeded":
                return Refused(VOIDED) if _is_refunded(intent) else Paid(intent.id)
            case "canceled":
                return Refused(_reason(error) if error else VOIDED)
            case "requires_payment_method" if error:
                self._cancel(intent.id)
                return Refused(_reason(error))
        redirect = intent.next_action.redirect_to_url if intent.next_action else None
        return Pending(redirect.url if redirect else None)

    def _undo_all(self, payment: Payment, intents: list[stripe.PaymentIntent], *, none: Void) -> Void:
        """Undo several intents; return the gravest answer, or `none` if there are no intents."""
        answers: list[Void] = [self._undo(payment, intent) for intent in intents]
        return min(answers, key=lambda answer: GRAVEST_FIRST.index(type(answer)), default=none)

    def _undo(self, payment: Payment, intent: stripe.PaymentIntent) -> Void:
        match intent.status:
            case "canceled":
                return VoidedBefore()
            case "succeeded":
                return self._refund(payment, intent)
        try:
            self._account.ask(lambda client: client.v1.payment_intents.cancel(intent.id))
        except stripe.InvalidRequestError:
            # The bank is at work on it, or it went on meanwhile: next time its status tells.
            return NotYet()
        return Voided()

    def _refund(self, payment: Payment, intent: stripe.PaymentIntent) -> Void:
        if _is_refunded(intent):
            return VoidedBefore()
        try:
            # Under no key of the order's: a refusal would be stored with it, "not enough money" for a day. What keeps
            # a refund from being made twice is the charge, of which Stripe refunds no more than all.
            refund = self._account.ask(
                lambda client: client.v1.refunds.create({"payment_intent": intent.id, "metadata": {ORDER: payment.key}})
            )
        except stripe.InvalidRequestError as refusal:
            match refusal.code:
                case "charge_already_refunded":
                    return VoidedBefore()
                case "charge_disputed":
                    return Never("charged back by the customer")
                case "charge_not_refundable":
                    return Never("not refundable by its payment method")
                case "balance_insufficient" | "insufficient_funds":
                    return NotYet()
            raise
        return NotYet() if refund.status in {"failed", "canceled"} else Voided(refund.id)

    def _cancel(self, intent: str) -> None:
        """Make sure that nobody can pay a refused intent any more, with another card in a browser for example."""
        try:
            self._account.ask(lambda client: client.v1.payment_intents.cancel(intent))
        except stripe.InvalidRequestError:
            if self._retrieve(intent).status != "canceled":
                raise

    def _retrieve(self, intent: str) -> stripe.PaymentIntent:
        return self._account.ask(
            lambda client: client.v1.payment_intents.retrieve(intent, {"expand": ["latest_charge"]})
        )

    def _others(self, payment: Payment, known: stripe.PaymentIntent) -> list[stripe.PaymentIntent]:
        return [each for each in self._search(payment) if each.id != known.id]

    def _search(self, payment: Payment) -> list[stripe.PaymentIntent]:
        """Return the order's intents that the index knows, as they are now: what it says of them may be old."""
        quoted = payment.key.replace("\\", "\\\\").replace("'", "\\'")
        found = self._account.ask(
            lambda client: client.v1.payment_intents.search({"query": f"metadata['{ORDER}']:'{quoted}'", "limit": 100})
        )
        return [self._retrieve(intent.id) for intent in found.data]


UNCONFIRMED = {"requires_confirmation", "requires_payment_method"}
GRAVEST_FIRST = [NotYet, Never, Voided, VoidedBefore]
FAILED_REFUNDS = {
    ("refund.failed", "failed"),
    ("refund.updated", "failed"),
    ("charge.refund.updated", "failed"),
    ("refund.updated", "canceled"),
    ("charge.refund.updated", "canceled"),
}
"""Kinds and statuses of events that say so (Stripe, "Refund and cancel payments")."""


def _refusal_of_the_order(refusal: stripe.InvalidRequestError | stripe.IdempotencyError) -> Refused:
    """Return what the order is refused for. Raises the error itself if it is not the order's: nothing is known then."""
    if reason := stripe_reasons.of_parameter(getattr(refusal, "param", None)):
        return Refused(reason)
    raise refusal


def _is_refunded(intent: stripe.PaymentIntent) -> bool:
    """Return whether its charge was refunded. What was just confirmed tells only the id of its charge."""
    charge = intent.latest_charge
    return isinstance(charge, stripe.Charge) and charge.refunded


def _was_confirmed(intent: stripe.PaymentIntent) -> bool:
    """Return whether somebody ever tried to charge by this intent, whatever became of it."""
    made_or_cancelled = intent.status in {*UNCONFIRMED, "canceled"}
    return not made_or_cancelled or bool(intent.latest_charge or intent.last_payment_error)


def _reason(error: Any) -> str:
    return stripe_reasons.of_decline(getattr(error, "decline_code", None), getattr(error, "code", None))


def _is_replayed(answer: Any) -> bool:
    """Return whether Stripe answered from memory: with what it answered to an earlier request under the same key."""
    headers = {name.lower(): value for name, value in (answer.headers or {}).items()}
    return headers.get("idempotent-replayed") == "true"
