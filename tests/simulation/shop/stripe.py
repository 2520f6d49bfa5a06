"""Stripe behind the payment port of the simulation: the adapter that ships, and Stripe at hand, whose books judge.

Each HTTP call of Stripe's SDK goes over the wire, so that it is struck like any other call; a server error is stored
under its idempotency key, as Stripe does.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import stripe
from localstripe.resources import store

from payments import stripe_reasons
from payments.gateway import Charge, NotYet, Paid, Payment, Void
from payments.stripe_account import StripeAccount, StripeSettings
from payments.stripe_gateway import StripeGateway
from tests.contract import stripe_shop
from tests.contract.stripe_shop import DECLINED, GOOD, NEEDS_3DS
from tests.simulation.faulty_wire import Call, Fault, FaultyWire
from tests.simulation.provider import Provider
from tests.simulation.shop.customers import CUSTOMERS, Behaviour
from tests.simulation.shop.providers import Hinting
from tests.stripe_at_hand import books
from tests.stripe_at_hand.rules import Strike
from tests.virtual_clock import VirtualClock

if TYPE_CHECKING:
    from tests.stripe_at_hand.fixtures import StripeAtHand

ALSO = (Fault.THROTTLED, Fault.CONFLICT, Fault.PARTIAL)
"""What may happen at Stripe besides: 429; 409, the key is in use; 500, stored, though it was done."""
IN_USE = b'{"error": {"type": "invalid_request_error", "code": "idempotency_key_in_use", "message": "in progress"}}'
HttpAnswer = tuple[bytes, int, Mapping[str, str]]


class _Answered(Exception):  # noqa: N818  no error, but an answer that the wire throws
    def __init__(self, answer: HttpAnswer) -> None:
        self.answer = answer


class OverTheWire(stripe.RequestsClient):
    """The SDK's HTTP client; each of its calls is carried by the provider's wire."""

    def __init__(self, carry: Callable[[str, Callable[[], HttpAnswer]], HttpAnswer]) -> None:
        super().__init__()
        self._carry = carry

    def request(  # type: ignore[override]
        self, method: str, url: str, headers: Mapping[str, str] | None, post_data: Any = None
    ) -> HttpAnswer:
        path = re.sub(r"/pi_\w+", "/…", urlsplit(url).path)
        send = super().request
        return self._carry(f"{method.upper()} {path}", lambda: send(method, url, headers, post_data))


class AtStripe(Hinting, Provider):
    """A `PaymentGateway` of the simulation that is the real adapter, in front of Stripe at hand.

    Customers pay by what the shop keeps for them: a good card, one that is declined, one that asks for 3-D Secure.
    """

    def __init__(self, wire: FaultyWire, clock: VirtualClock, at_hand: "StripeAtHand") -> None:
        super().__init__(wire, clock)
        at_hand.rules.forget()
        store.clear()
        self._rules = at_hand.rules
        self._rules.now = lambda: clock.time
        self._shop = stripe_shop.Shop(at_hand)
        self._customers: dict[str, str] = {}
        self._asked_to_pay: dict[str, datetime] = {}
        self._cards: dict[str, str] = {}
        self.gateway = StripeGateway(self._account())

    def _account(self) -> StripeAccount:
        settings = {
            "STRIPE_API_KEY_SECRET": "api-key",
            "STRIPE_API_URL": self._shop.at_hand.url,
            "PAYMENT_RETURN_URL": stripe_shop.RETURN_URL,
        }
        account = StripeAccount(StripeSettings.model_validate(settings), self._shop.vault)  # type: ignore[arg-type]
        account._http = OverTheWire(self._over_the_wire)  # noqa: SLF001
        return account

    def charge(self, payment: Payment) -> Charge:
        answer: Charge = self.gateway.charge(self._by_its_method(payment))
        if self._wire.current and isinstance(answer, Paid):
            self._wire.current.done_outside.append(payment.key)
        return answer

    def status(self, payment: Payment) -> Charge:
        answer: Charge = self.gateway.status(self._by_its_method(payment))
        return answer

    def void(self, payment: Payment) -> Void:
        asked = self._by_its_method(payment)
        self._let_the_shop_and_the_bank_act(payment.key)
        answer: Void = self.gateway.void(asked)
        if self._wire.current and isinstance(answer, NotYet):
            self._wire.current.fired.append("is told at void: not yet")
        return answer

    # --- what the proof looks at -----------------------------------------------------------------------------------

    def held(self, key: str) -> int:
        """Return the money that the shop has under a key by now."""
        self._let_customers_act()
        return books.entry(key, self._rules.charged_back).kept

    def taken(self) -> dict[str, list[str]]:
        """Return the intent of each charge that succeeded, by key."""
        self._let_customers_act()
        return books.charged()

    @property
    def refusals(self) -> dict[str, str]:
        """What Stripe's books say of the payments that failed, by key."""
        errors = ((intent, intent.last_payment_error) for intent in books.intents())
        return {
            intent.metadata[books.ORDER]: stripe_reasons.of_decline(error.get("decline_code"), error.get("code"))
            for intent, error in errors
            if error
        }

    @property
    def refund_refusals(self) -> dict[str, tuple[str, int]]:
        """What is to be said of the charges that were charged back, and the money that the shop has of them."""
        charges = {intent.latest_charge.id: intent for intent in books.intents() if intent.latest_charge}
        back = {charges[charge].metadata[books.ORDER] for charge in self._rules.charged_back}
        return {key: ("charged back by the customer", self.held(key)) for key in back}

    # --- how it goes -----------------------------------------------------------------------------------------------

    def _by_its_method(self, payment: Payment) -> Payment:
        self._customers[payment.key] = payment.customer_id
        behaviour = self._behaviour(payment.key)
        if behaviour.pays_after is not None:
            return replace(payment, method=self._card(NEEDS_3DS))
        return replace(payment, method=GOOD if behaviour.refusal is None else DECLINED)

    def _card(self, number: str) -> str:
        if number not in self._cards:
            self._cards[number] = self._shop.card(number)
        return self._cards[number]

    def _behaviour(self, key: str) -> Behaviour:
        return CUSTOMERS.get(self._customers[key], Behaviour())

    def _over_the_wire(self, name: str, send: Callable[[], HttpAnswer]) -> HttpAnswer:
        def struck(strike: Strike) -> HttpAnswer:
            self._rules.strike("", strike)
            return send()

        call = Call(
            name,
            lambda: self._answer(name, send),
            refused=lambda: _Answered(self._answer(name, lambda: struck(Strike.BEFORE))),
            lost=lambda: _unreachable(f"{name}: no answer"),
            special={
                Fault.THROTTLED: lambda: self._answer(name, lambda: struck(Strike.LIMITED)),
                Fault.CONFLICT: lambda: self._answer(name, lambda: (IN_USE, 409, {})),
                Fault.PARTIAL: lambda: self._answer(name, lambda: struck(Strike.AFTER)),
            },
        )
        try:
            answer: HttpAnswer = self._wire.carry(call)
        except _Answered as answered:
            return answered.answer
        return answer

    def _answer(self, name: str, answer: Callable[[], HttpAnswer]) -> HttpAnswer:
        def after_the_customers() -> HttpAnswer:
            self._let_customers_act()
            return answer()

        try:
            given: HttpAnswer = self._unless_down(name, after_the_customers)
        except ConnectionError as down:
            raise _unreachable(str(down)) from None
        return given

    def _let_customers_act(self) -> None:
        """Let those go to their bank's page whose time has come."""
        for intent in books.intents():
            if intent.status != "requires_action":
                continue
            key = intent.metadata[books.ORDER]
            behaviour, since = self._behaviour(key), self._asked_to_pay.setdefault(intent.id, self._clock.time)
            if self._clock.time - since >= (behaviour.pays_after or timedelta()):
                self._shop.go_to_the_bank(intent, success=behaviour.refusal is None)

    def _let_the_shop_and_the_bank_act(self, key: str) -> None:
        """Do what this customer's bank, or somebody in the dashboard, does with a charge before it is voided."""
        behaviour = self._behaviour(key)
        for intent in books.intents(key):
            if intent.status == "succeeded" and not intent.latest_charge.refunded:
                if self._clock.time - self._rules.made[intent.id] < behaviour.voids_after:
                    self._rules.unfunded.add(intent.id)
                else:
                    self._rules.unfunded.discard(intent.id)
                if behaviour.void_refusal is not None:
                    self._rules.charged_back.add(intent.latest_charge.id)
                elif behaviour.refunded_by_hand:
                    self._shop.post("/v1/refunds", payment_intent=intent.id)


def _unreachable(why: str) -> Exception:
    return stripe.APIConnectionError(why)  # type: ignore[no-untyped-call]
