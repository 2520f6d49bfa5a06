"""The shop's account at Stripe: what its calls are made with, and how long a secret is kept."""

from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import Any

import pytest
import requests
import stripe

from payments import stripe_account
from payments.stripe_account import Secrets, StripeAccount, StripeSettings

ENVIRONMENT = {"STRIPE_API_KEY_SECRET": "stripe/key", "PAYMENT_RETURN_URL": "https://shop.example/orders"}


class Vault:
    """Secrets Manager, with what each secret says from now on."""

    def __init__(self, **held: str) -> None:
        self.held = held
        self.asked: list[str] = []

    def get_secret_value(self, **asked: Any) -> dict[str, str]:
        self.asked.append(asked["SecretId"])
        return {"SecretString": self.held[asked["SecretId"]]}


@pytest.fixture
def vault(monkeypatch: pytest.MonkeyPatch) -> Vault:
    vault, clients = Vault(key="sk_1\n", webhook=" whsec_1 "), list[str]()

    def client(service: str) -> Vault:
        clients.append(service)
        assert clients == ["secretsmanager"]
        return vault

    monkeypatch.setattr(stripe_account, "client", client)
    return vault


def test_a_secret_is_read_once_and_for_a_while_and_without_what_an_editor_left_around_it(vault: Vault) -> None:
    secrets = Secrets()
    assert [secrets.read("key"), secrets.read("key"), secrets.read("webhook")] == ["sk_1", "sk_1", "whsec_1"]
    assert vault.asked == ["key", "webhook"]


def test_a_secret_is_read_anew_if_somebody_asks(vault: Vault) -> None:
    secrets = Secrets()
    secrets.read("key")
    vault.held["key"] = "sk_2"
    assert [secrets.read("key"), secrets.read("key", anew=True), secrets.read("key")] == ["sk_1", "sk_2", "sk_2"]
    assert vault.asked == ["key", "key"]


def test_a_secret_is_kept_for_five_minutes(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    secrets, asked = Secrets(), list[dict[str, Any]]()
    secrets.read("key")

    def get(name: str, **how: Any) -> str:
        asked.append({"name": name, **how})
        return "sk_1"

    monkeypatch.setattr(vars(secrets)["_provider"], "get", get)
    secrets.read("key")
    assert asked == [{"name": "key", "max_age": 300, "force_fetch": False}]
    assert vault.asked == ["key"]


def test_what_the_template_does_not_say_is_stripe_itself_no_webhook_and_five_seconds() -> None:
    assert StripeSettings.model_validate(ENVIRONMENT).model_dump() == {
        "stripe_api_key_secret": "stripe/key",
        "stripe_webhook_secret": "",
        "stripe_api_url": "https://api.stripe.com",
        "payment_return_url": "https://shop.example/orders",
        "provider_timeout_seconds": 5,
    }


def test_the_account_is_that_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    assert StripeAccount.of_the_environment().settings.stripe_api_key_secret == "stripe/key"  # noqa: S105  its name


class Kept:
    """Secrets that are what they are told to be."""

    def __init__(self, *keys: str) -> None:
        self.keys, self.asked = list(keys), list[tuple[str, bool]]()

    def read(self, name: str, *, anew: bool = False) -> str:
        self.asked.append((name, anew))
        return self.keys.pop(0) if len(self.keys) > 1 else self.keys[0]


def account(*keys: str, **environment: str) -> tuple[StripeAccount, Kept]:
    secrets = Kept(*keys)
    return StripeAccount(StripeSettings.model_validate(ENVIRONMENT | environment), secrets), secrets  # type: ignore[arg-type]


def test_a_call_is_made_once_within_the_time_limit_under_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[tuple[Any, ...]] = []

    def client(key: str, **how: Any) -> str:
        made.append((key, how["base_addresses"], how["max_network_retries"], vars(how["http_client"])["_timeout"]))
        return f"with {key}"

    monkeypatch.setattr(stripe, "StripeClient", client)
    asked, secrets = account("sk_1", STRIPE_API_URL="https://stripe.example", PROVIDER_TIMEOUT_SECONDS="3")
    assert [asked.ask(str) for _ in range(2)] == ["with sk_1"] * 2
    assert made == [("sk_1", {"api": "https://stripe.example"}, 0, 3)]
    assert secrets.asked == [("stripe/key", False)] * 2


def test_operations_in_several_threads_share_their_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    sessions: list[requests.Session] = []

    def send(session: requests.Session, *_: Any, **_how: Any) -> requests.Response:
        sessions.append(session)
        response = requests.Response()
        response.status_code, response.raw = 200, BytesIO(b'{"id": "pi_1", "object": "payment_intent"}')
        return response

    monkeypatch.setattr(requests.Session, "send", send)
    asked, _ = account("sk_1")

    def retrieve() -> str:
        return asked.ask(lambda client: client.v1.payment_intents.retrieve("pi_1")).id

    for _ in range(2):
        with ThreadPoolExecutor(1) as another_thread:
            assert another_thread.submit(retrieve).result() == "pi_1"
    assert len(sessions) == 2
    assert sessions[0] is sessions[1]


def test_a_key_that_is_refused_is_read_anew_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stripe, "StripeClient", lambda key, **_how: key)
    asked, secrets = account("sk_1", "sk_2")

    def refuse_the_first(key: Any) -> str:
        if key == "sk_1":
            raise stripe.AuthenticationError("no")
        return f"by {key}"

    assert asked.ask(refuse_the_first) == "by sk_2"
    assert secrets.asked == [("stripe/key", False), ("stripe/key", True)]


def test_a_key_that_is_refused_again_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stripe, "StripeClient", lambda key, **_how: key)
    asked, secrets = account("sk_1")

    def refuse(_key: Any) -> str:
        raise stripe.AuthenticationError("no")

    with pytest.raises(stripe.AuthenticationError):
        asked.ask(refuse)
    assert len(secrets.asked) == 2


def test_a_webhook_has_a_secret_only_if_the_template_names_one() -> None:
    named, secrets = account("whsec_1", STRIPE_WEBHOOK_SECRET="stripe/webhook")  # noqa: S106  its name
    assert (named.webhook_secret(), secrets.asked) == ("whsec_1", [("stripe/webhook", False)])
    unnamed, secrets = account("whsec_1")
    assert (unnamed.webhook_secret(), secrets.asked) == ("", [])


def test_stripe_is_not_told_how_long_calls_take() -> None:
    assert stripe.enable_telemetry is False
