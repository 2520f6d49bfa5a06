"""What comes with Stripe, and with Stripe alone: its SDK and its secrets, for the payment functions and no others."""

from fnmatch import fnmatchcase
from typing import Any

import pytest

from tests.contract.template import FUNCTIONS, RESOURCES, TEMPLATE

PAYMENTS = {name for name, function in FUNCTIONS.items() if function["Handler"].startswith("payments.")}
WITH_STRIPE = {"Fn::Equals": [{"Ref": "PaymentProvider"}, "stripe"]}
SECRETS = {
    "StripeApiKeyPolicy": ("StripeApiKeySecret", {"ChargePayment", "ConfirmPayment", "RefundPayment"}),
    "StripeWebhookPolicy": ("StripeWebhookSecret", {"ReceivePaymentHint"}),
}


def test_the_sdk_is_a_layer_that_is_there_with_stripe_alone_and_not_even_built_without() -> None:
    layer = RESOURCES["StripeSdk"]
    assert TEMPLATE["Conditions"][layer["Condition"]] == WITH_STRIPE
    assert layer["Metadata"]["SkipBuild"] == {"Fn::If": [layer["Condition"], False, True]}


def test_the_layer_is_the_payment_functions_and_nobody_elses() -> None:
    layers = {name: function["Layers"] for name, function in FUNCTIONS.items() if "Layers" in function}
    assert layers == {name: {"Fn::If": ["HasStripe", [{"Ref": "StripeSdk"}], []]} for name in PAYMENTS}


@pytest.mark.parametrize("policy", SECRETS)
def test_a_secret_is_read_by_those_who_need_it_and_by_nobody_else(policy: str) -> None:
    parameter, functions = SECRETS[policy]
    properties: dict[str, Any] = RESOURCES[policy]["Properties"]
    assert TEMPLATE["Conditions"][RESOURCES[policy]["Condition"]] == WITH_STRIPE
    assert properties["Roles"] == [{"Ref": f"{function}Role"} for function in FUNCTIONS if function in functions]
    (statement,) = properties["PolicyDocument"]["Statement"]
    assert (statement["Effect"], statement["Action"]) == ("Allow", "secretsmanager:GetSecretValue")
    pattern = statement["Resource"]["Fn::Sub"].rpartition(":")[2].replace(f"${{{parameter}}}", "stripe/key")
    assert fnmatchcase("stripe/key-AbC123", pattern)
    assert not any(fnmatchcase(f"{name}-AbC123", pattern) for name in ("stripe/key2", "stripe/key-AbC123", "stripe"))


def test_nobody_else_may_read_any_secret() -> None:
    others = {name: resource for name, resource in RESOURCES.items() if name not in SECRETS}
    assert "secretsmanager" not in str(others)
