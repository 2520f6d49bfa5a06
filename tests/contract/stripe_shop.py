"""A shop that has an account at Stripe at hand: what the tests of the gateway begin with."""

from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx

from payments.gateway import Charge, Payment
from payments.stripe_account import StripeAccount, StripeSettings
from payments.stripe_gateway import StripeFaultError, StripeGateway
from saga.deferral import Deferral
from tests.stripe_at_hand import books
from tests.stripe_at_hand.books import Entry
from tests.stripe_at_hand.fixtures import StripeAtHand

GOOD, DECLINED = "pm_card_visa", "pm_card_chargeCustomerFail"
NEEDS_3DS, DECLINED_IBAN = "4000002500003155", "DE62370400440532013001"
RETURN_URL = "https://shop.example/orders"
WEBHOOK_SECRET = "whsec_of_the_tests"  # noqa: S105


FAULTS = (StripeFaultError, Deferral)
"""What the gateway raises if nothing is known."""


@dataclass
class Vault:
    """The secrets, as Secrets Manager has them, and how often they were read anew."""

    held: dict[str, str] = field(default_factory=lambda: {"api-key": "sk_test_first", "webhook-secret": WEBHOOK_SECRET})
    kept: dict[str, str] = field(default_factory=dict)
    reads: int = 0

    def read(self, name: str, *, anew: bool = False) -> str:
        if anew or name not in self.kept:
            self.reads += 1
            self.kept[name] = self.held[name]
        return self.kept[name]


class Shop:
    """The gateway of a shop, with as many environments as it likes."""

    def __init__(self, at_hand: StripeAtHand) -> None:
        self.at_hand, self.rules, self.vault = at_hand, at_hand.rules, Vault()
        self.gateway = self.another_environment()

    def another_environment(self) -> StripeGateway:
        return StripeGateway(self.account)

    @property
    def account(self) -> StripeAccount:
        """The shop's account, as another environment has it."""
        settings = {
            "STRIPE_API_KEY_SECRET": "api-key",
            "STRIPE_WEBHOOK_SECRET": "webhook-secret",
            "STRIPE_API_URL": self.at_hand.url,
            "PAYMENT_RETURN_URL": RETURN_URL,
        }
        return StripeAccount(StripeSettings.model_validate(settings), self.vault)  # type: ignore[arg-type]

    def charge_until_answered(self, payment: Payment, tries: int = 6) -> Charge:
        """Charge as the saga does: again, whenever nothing is known."""
        for _ in range(tries):
            try:
                return self.gateway.charge(payment)
            except FAULTS:
                pass
        raise AssertionError(f"no answer after {tries} tries")

    def asked(self) -> list[str]:
        """Return what was asked of Stripe, without ids."""
        return [
            f"{call.method} {call.path.removeprefix('/v1/').replace(part, '…') if part else call.path[4:]}"
            for call in self.rules.calls
            for part in [next((part for part in call.path.split("/") if part.startswith(("pi_", "re_"))), "")]
        ]

    def confirmed(self) -> set[str]:
        """Return the intents that anybody tried to confirm."""
        return {call.path.split("/")[3] for call in self.rules.calls if call.path.endswith("/confirm")}

    def entry(self, payment: Payment) -> Entry:
        """Return what Stripe's books say about a payment."""
        return books.entry(payment.key, self.rules.charged_back)

    def post(self, path: str, **data: Any) -> dict[str, Any]:
        """Do something at Stripe that is not the gateway's business: as a customer, or in the dashboard."""
        answer = httpx.post(
            f"{self.at_hand.url}{path}",
            data=data,
            headers={"Authorization": "Bearer sk_test_first"},
            verify=False,  # noqa: S501  plain HTTP, and it takes 80 ms to load the certificates
        )
        done: dict[str, Any] = answer.raise_for_status().json()
        return done

    def card(self, number: str) -> str:
        """Return a payment method for a card of this number."""
        card = {"number": number, "exp_month": "12", "exp_year": "2030", "cvc": "123"}
        made = self.post("/v1/payment_methods", type="card", **{f"card[{name}]": value for name, value in card.items()})
        return str(made["id"])

    def debit(self, iban: str) -> str:
        """Return a payment method for a bank account."""
        return str(self.post("/v1/payment_methods", type="sepa_debit", **{"sepa_debit[iban]": iban})["id"])

    def charge_back(self, key: str) -> None:
        """Be the customer's bank, which takes the money back."""
        self.rules.charged_back.add(books.charge_of(key))

    def refund_by_hand(self, key: str) -> None:
        """Be the shop's owner in Stripe's dashboard."""
        self.post("/v1/refunds", payment_intent=books.intent_of(key).id)

    def authenticate(self, payment: Payment, *, success: bool) -> None:
        """Be the customer on the bank's page."""
        self.go_to_the_bank(books.intent_of(payment.key), success=success)

    def go_to_the_bank(self, intent: Any, *, success: bool) -> None:
        """Be the customer on the page that an intent leads to."""
        self.post(
            f"/v1/payment_intents/{intent.id}/_authenticate",
            client_secret=intent.client_secret,
            success=str(success).lower(),
        )


def new_payment(
    method: str | None = GOOD,
    *,
    key: str | None = None,
    customer_id: str = "CUST-1",
    amount: int = 4200,
    currency: str = "USD",
) -> Payment:
    """Return a payment of its own."""
    return Payment(key or str(uuid4()), customer_id, amount, currency, method)
