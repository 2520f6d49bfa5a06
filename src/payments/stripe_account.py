"""The shop's account at Stripe: calls made under its API key, and the secrets that AWS Secrets Manager keeps for it."""

import os
from collections.abc import Callable
from typing import Any, TypeVar

import requests
import stripe
from aws_lambda_powertools.utilities.parameters import SecretsProvider
from pydantic import BaseModel, ConfigDict

from saga.aws import client

Answer = TypeVar("Answer")

SECRETS_LAST = 300
"""Seconds that a secret is kept before it is read again."""

# It would tell Stripe how long the call before took.
stripe.enable_telemetry = False


class StripeSettings(BaseModel):
    """What the template tells the payment functions about Stripe."""

    model_config = ConfigDict(alias_generator=str.upper, frozen=True)

    stripe_api_key_secret: str
    """The name of the secret that holds the API key."""
    stripe_webhook_secret: str = ""
    """The name of the secret that holds the webhook's signing secret."""
    stripe_api_url: str = stripe.DEFAULT_API_BASE
    payment_return_url: str
    """Where a customer's browser goes after a step at the bank, 3-D Secure for example."""
    provider_timeout_seconds: float = 5


class Secrets:
    """The secrets by their names, kept for a while."""

    def __init__(self) -> None:
        self._provider: SecretsProvider | None = None

    def read(self, name: str, *, anew: bool = False) -> str:
        """Return a secret's text; `anew` reads it whether it is kept or not. Raises `GetParameterError`."""
        self._provider = self._provider or SecretsProvider(boto3_client=client("secretsmanager"))
        found: Any = self._provider.get(name, max_age=SECRETS_LAST, force_fetch=anew)
        return str(found).strip()


class StripeAccount:
    """Makes calls at Stripe, each of them once: what failed is repeated by the saga, which knows what to do then."""

    def __init__(self, settings: StripeSettings, secrets: Secrets) -> None:
        self.settings, self._secrets = settings, secrets
        # One for all: the SDK's own is one a thread, and each operation has a thread of its own.
        self._http = stripe.RequestsClient(timeout=settings.provider_timeout_seconds, session=requests.Session())
        self._made: dict[str, stripe.StripeClient] = {}

    @classmethod
    def of_the_environment(cls) -> "StripeAccount":
        """Return the account that the template names. Raises `pydantic.ValidationError` if it names none."""
        return cls(StripeSettings.model_validate(os.environ), Secrets())

    def ask(self, request: Callable[[stripe.StripeClient], Answer]) -> Answer:
        """Return the answer to a request; if the API key is refused, it is read anew, for it may have been rotated.

        Raises `stripe.StripeError`.
        """
        try:
            return request(self._client(anew=False))
        except stripe.AuthenticationError:
            return request(self._client(anew=True))

    def webhook_secret(self) -> str:
        """Return the secret that Stripe signs its webhooks with; empty if the template names none."""
        name = self.settings.stripe_webhook_secret
        return self._secrets.read(name) if name else ""

    def _client(self, *, anew: bool) -> stripe.StripeClient:
        key = self._secrets.read(self.settings.stripe_api_key_secret, anew=anew)
        if key not in self._made:
            made = stripe.StripeClient(
                key,
                base_addresses={"api": self.settings.stripe_api_url},
                http_client=self._http,
                max_network_retries=0,
            )
            self._made = {key: made}
        return self._made[key]
