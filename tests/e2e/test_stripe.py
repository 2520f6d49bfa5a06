"""The deployed stack with Stripe as its payment provider, and Stripe's own books as the judge.

Stripe is at hand: localstripe, with Stripe's documented rules of idempotency. It was never tried against Stripe itself.
"""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import stripe

from contract import Saga
from saga.record import Record
from tests.e2e.copies import Copy
from tests.proven import PROVEN
from tests.stripe_at_hand import books
from tests.stripe_at_hand.books import Entry
from tests.stripe_at_hand.fixtures import StripeAtHand
from tests.stripe_at_hand.rules import Strike
from tools.base.stack import Stack
from tools.base.target import EMULATOR_REGION, Target
from tools.base.transitions import TERMINAL
from tools.base.waiting import wait_for
from tools.operating import recovery
from tools.operating.logs import own_lines
from tools.operating.publishing import publish
from tools.shop import api, stock

pytestmark = [pytest.mark.xdist_group("stripe"), pytest.mark.slow]

API_KEY_SECRET = "stripe/api-key"  # noqa: S105
API_KEY = "sk_test_first"
WEBHOOK_SECRET_NAME, WEBHOOK_SECRET = "stripe/webhook", "whsec_of_the_tests"
PRICE = 4200
PATIENCE = 30
RETURN_URL = "https://shop.example/orders"


def secrets(target: Target) -> Any:
    return target.session.client("secretsmanager", endpoint_url=target.endpoint)


@dataclass
class Shop:
    """A deployed shop with an account at Stripe."""

    stack: Stack
    at_hand: StripeAtHand

    def order(self, method: str, customer: str = "CUST-1") -> str:
        body = {"customerId": customer, "sku": "BOOK", "amount": PRICE, "paymentMethod": method}
        return str(api.place(self.stack, body).raise_for_status().json()["orderId"])

    def status(self, order: str) -> str:
        return str(api.get(self.stack, order)["status"])

    def reaches(self, order: str, *statuses: str) -> dict[str, Any]:
        """Wait until the order has one of the statuses; return its record."""
        assert wait_for(lambda: self.status(order) in statuses, seconds=PATIENCE), api.get(self.stack, order)
        return api.get(self.stack, order)

    def ends(self, order: str) -> dict[str, Any]:
        return self.reaches(order, *TERMINAL)

    def ends_by_recovery(self, order: str) -> dict[str, Any]:
        """Wait for the order's end while recovery runs every second, instead of every minute."""

        def ended() -> bool:
            recovery.run(self.stack)
            return self.status(order) in TERMINAL

        assert wait_for(ended, seconds=PATIENCE, every=1), api.get(self.stack, order)
        return api.get(self.stack, order)

    def entry(self, order: str) -> Entry:
        return books.entry(order, self.at_hand.rules.charged_back)

    def post(self, path: str, **data: str) -> dict[str, Any]:
        answer = httpx.post(f"{self.at_hand.url}{path}", data=data, headers={"Authorization": f"Bearer {API_KEY}"})
        done: dict[str, Any] = answer.raise_for_status().json()
        return done

    def card_that_needs_3ds(self) -> str:
        card = {"number": "4000002500003155", "exp_month": "12", "exp_year": "2030", "cvc": "123"}
        made = self.post("/v1/payment_methods", type="card", **{f"card[{name}]": value for name, value in card.items()})
        return str(made["id"])

    def authenticate(self, order: str) -> None:
        """Be the customer on the bank's page."""
        intent = books.intent_of(order)
        self.post(f"/v1/payment_intents/{intent.id}/_authenticate", client_secret=intent.client_secret, success="true")

    def webhook(self, body: str, signature: str) -> int:
        """Call the shop as Stripe does, without IAM's signature; return the status of its answer."""
        url = f"{self.stack.api_url}/payments/hints"
        return httpx.post(url, content=body, headers={"Stripe-Signature": signature}, timeout=30).status_code

    def records(self) -> list[dict[str, Any]]:
        return sorted(self.stack.records.scan(ConsistentRead=True)["Items"], key=lambda record: str(record["orderId"]))

    def duplicates(self) -> int:
        """Return how many deliveries the functions logged that were not the first."""
        pages = self.stack.client("logs").get_paginator("filter_log_events")
        lines = [
            line
            for page in pages.paginate(logGroupName=self.stack.physical_id("LogGroup"))
            for event in page["events"]
            for line in own_lines(event["message"])
        ]
        return sum(line.get("delivery") in {"duplicate", "stale", "lost race"} for line in lines)

    def publish_every_event_again(self, order: str) -> int:
        """Publish each event of the order once more, all at the same time; return how many they are."""
        record = Record.from_item(
            self.stack.records.get_item(Key={"orderId": order}, ConsistentRead=True)["Item"], Saga
        )
        events = [Saga.by_status[change.status].from_fields(record.fields()) for change in record.history]
        with ThreadPoolExecutor() as publishers:
            list(publishers.map(lambda event: publish(self.stack, event.detail_type, event.detail()), events))
        return len(events)


@pytest.fixture(scope="module")
def shop(_served_stripe: StripeAtHand, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """The shop, from a copy of the project: another build than that of the other tests."""
    _served_stripe.rules.forget()
    copy = Copy(tmp_path_factory.mktemp("stripe") / "order-saga", None)
    target = Target(stage="local", endpoint=copy.endpoint, region=EMULATOR_REGION, stack_name="order-saga-local")
    copy.make("up")
    secrets(target).create_secret(Name=API_KEY_SECRET, SecretString=API_KEY)
    secrets(target).create_secret(Name=WEBHOOK_SECRET_NAME, SecretString=WEBHOOK_SECRET)
    parameters = {
        "PaymentProvider": "stripe",
        "StripeApiKeySecret": API_KEY_SECRET,
        "StripeWebhookSecret": WEBHOOK_SECRET_NAME,
        "StripeApiUrl": _served_stripe.url,
        "PaymentReturnUrl": RETURN_URL,
        "ProviderTimeoutSeconds": "5",
        "RecoverAfterSeconds": "1",
    }
    copy.make("deploy", f"PARAMETERS={' '.join(f'{name}={value}' for name, value in parameters.items())}")
    stack = Stack.of(target)
    stock.shelves(stack).put_item(Item={"sku": "BOOK", "available": 100})
    yield Shop(stack, _served_stripe)
    copy.discard()


SHIPPED = Entry(intents=1, charges=1, charged=PRICE)
REFUNDED = Entry(intents=1, charges=1, charged=PRICE, refunded=PRICE)
NOTHING = Entry(intents=1)
GOOD, DECLINED = "pm_card_visa", "pm_card_chargeCustomerFail"


def test_an_order_is_paid_at_stripe_in_two_calls(shop: Shop) -> None:
    before = len(shop.at_hand.rules.calls)
    record = shop.ends(shop.order(GOOD))
    assert record["status"] == "SHIPPING_SCHEDULED"
    assert record["paymentId"] == books.intent_of(record["orderId"]).id
    # The emulator's own recovery may come in between, and is answered from memory.
    calls = shop.at_hand.rules.calls[before:]
    acted = [call.path.rpartition("/")[2] for call in calls if call.method == "POST" and not call.replayed]
    assert acted == ["payment_intents", "confirm"]
    assert shop.entry(record["orderId"]) == SHIPPED


def test_a_declined_card_keeps_no_money_and_tells_the_customer_why(shop: Shop) -> None:
    record = shop.ends(shop.order(DECLINED))
    assert (record["status"], record["failureReason"]) == ("INVENTORY_RELEASED", "card declined")
    assert shop.entry(record["orderId"]) == NOTHING


def test_an_undeliverable_order_is_refunded_at_stripe(shop: Shop) -> None:
    record = shop.ends(shop.order(GOOD, "CUST-UNDELIVERABLE"))
    assert (record["status"], record["failureReason"]) == ("INVENTORY_RELEASED", "address undeliverable")
    assert record["refundId"].startswith("re_")
    assert shop.entry(record["orderId"]) == REFUNDED


def test_a_payment_that_needs_the_customer_is_pending_and_goes_on_when_the_customer_did(shop: Shop) -> None:
    order = shop.order(shop.card_that_needs_3ds())
    pending = shop.reaches(order, "PAYMENT_PENDING")
    intent = books.intent_of(order)
    assert pending["nextActionUrl"] == f"https://hooks.stripe.com/3d_secure_2/{intent.id}"
    recovery.run(shop.stack)
    assert shop.entry(order) == NOTHING
    shop.authenticate(order)
    assert shop.ends_by_recovery(order)["status"] == "SHIPPING_SCHEDULED"
    assert shop.entry(order) == SHIPPED


def test_a_webhook_that_stripe_signed_makes_a_pending_order_go_on_and_a_forged_one_does_not(shop: Shop) -> None:
    order = shop.order(shop.card_that_needs_3ds())
    shop.reaches(order, "PAYMENT_PENDING")
    body = json.dumps(
        {
            "object": "event",
            "type": "payment_intent.succeeded",
            "data": {"object": {"object": "payment_intent", "metadata": {"order_id": order}}},
        }
    )
    forged = stripe.WebhookSignature.generate_signature_header(body, "whsec_of_somebody_else")
    signed = stripe.WebhookSignature.generate_signature_header(body, WEBHOOK_SECRET)
    assert [shop.webhook(body, signature) for signature in ("", forged)] == [400, 400]
    # Signed, but before the customer acted: it is asked about, and stays as it is.
    assert shop.webhook(body, signed) == 204
    assert shop.status(order) == "PAYMENT_PENDING"
    shop.authenticate(order)
    assert [shop.webhook(body, signed) for _ in range(2)] == [204, 204]
    assert shop.ends(order)["status"] == "SHIPPING_SCHEDULED"
    assert shop.webhook(body, signed) == 204
    assert shop.entry(order) == SHIPPED


def test_a_payment_that_is_charged_back_is_not_repaid(shop: Shop) -> None:
    orders: list[str] = []

    def charge_back() -> None:
        """Have the bank take the money back just before the shop refunds it."""
        assert wait_for(lambda: bool(orders), seconds=5)
        shop.at_hand.rules.charged_back.add(books.charge_of(orders[0]))

    shop.at_hand.rules.meanwhile["POST .*/refunds$"] = charge_back
    orders.append(shop.order(GOOD, "CUST-UNDELIVERABLE"))
    record = shop.ends(orders[0])
    assert (record["status"], record["refundFailureReason"]) == ("INVENTORY_RELEASED", "charged back by the customer")
    assert shop.entry(record["orderId"]) == Entry(intents=1, charges=1, charged=PRICE, charged_back=PRICE)


@pytest.mark.parametrize(
    ("call", "strike"), [("POST .*/payment_intents$", Strike.BEFORE), ("POST .*/confirm$", Strike.AFTER)]
)
def test_a_stripe_that_answers_500_and_recovers_is_paid_once(shop: Shop, call: str, strike: Strike) -> None:
    shop.at_hand.rules.strike(call, strike, strike)
    record = shop.ends_by_recovery(shop.order(GOOD))
    assert record["status"] == "SHIPPING_SCHEDULED"
    entry = shop.entry(record["orderId"])
    assert (entry.charges, entry.kept) == (1, PRICE)


def test_a_rotated_api_key_costs_no_order(shop: Shop) -> None:
    shop.ends(shop.order(GOOD))
    shop.at_hand.rules.api_keys = {"sk_test_second"}
    secrets(shop.stack.target).put_secret_value(SecretId=API_KEY_SECRET, SecretString="sk_test_second")
    try:
        assert shop.ends(shop.order(GOOD))["status"] == "SHIPPING_SCHEDULED"
    finally:
        shop.at_hand.rules.api_keys.add(API_KEY)


def test_at_last_every_event_comes_again_and_stripes_books_stay_as_they_are(
    shop: Shop, record_property: Callable[[str, int], None]
) -> None:
    records = [record for record in shop.records() if record["status"] in TERMINAL]
    assert {record["status"] for record in records} >= {"SHIPPING_SCHEDULED", "INVENTORY_RELEASED"}
    before = {record["orderId"]: shop.entry(record["orderId"]) for record in records}
    published = sum(shop.publish_every_event_again(record["orderId"]) for record in records)
    assert wait_for(lambda: shop.duplicates() >= published - len(records), seconds=PATIENCE)
    assert {order: shop.entry(order) for order in before} == before
    assert [record for record in shop.records() if record["status"] in TERMINAL] == records
    for record in records:
        kept = PRICE if record["status"] == "SHIPPING_SCHEDULED" else 0
        assert (before[record["orderId"]].charges <= 1, before[record["orderId"]].kept) == (True, kept)
    record_property(f"{PROVEN}orders judged by Stripe's own books", len(records))
    record_property(f"{PROVEN}minor units kept there, for what was shipped", sum(each.kept for each in before.values()))
