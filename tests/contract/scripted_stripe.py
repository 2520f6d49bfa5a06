"""A Stripe that answers what it is told to: for the answers that no test can bring Stripe at hand to."""

from collections.abc import Callable
from typing import Any

import stripe

from payments.stripe_account import StripeSettings
from tests.contract.stripe_shop import RETURN_URL, WEBHOOK_SECRET

Asked = tuple[Any, ...]
"""What was asked: the operation, as `refunds.create`, and its arguments."""


class _Operations:
    """Any attribute of it is one more part of an operation's name; called, it is asked of Stripe."""

    def __init__(self, ask: Callable[[str, Asked], Any], name: str = "") -> None:
        self._ask, self._name = ask, name

    def __getattr__(self, part: str) -> "_Operations":
        return _Operations(self._ask, f"{self._name}.{part}")

    def __call__(self, *arguments: Any) -> Any:
        return self._ask(self._name.removeprefix(".v1."), arguments)


class ScriptedStripe:
    """A `StripeAccount` that gives these answers, one after the other, and keeps what it was asked."""

    def __init__(self, *answers: Any) -> None:
        self.settings = StripeSettings.model_validate(
            {"STRIPE_API_KEY_SECRET": "key", "PAYMENT_RETURN_URL": RETURN_URL}
        )
        self._answers = list(answers)
        self.asked: list[Asked] = []

    def ask(self, request: Callable[[Any], Any]) -> Any:
        """Make a request, as `StripeAccount.ask` does."""
        return request(_Operations(self._answer))

    def webhook_secret(self) -> str:
        """Return the secret that webhooks are signed with."""
        return WEBHOOK_SECRET

    def _answer(self, operation: str, arguments: Asked) -> Any:
        self.asked.append((operation, *arguments))
        answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def intent(status: str, *, number: int = 1, charge: dict[str, Any] | None = None, **more: Any) -> Any:
    """Return a PaymentIntent, with its charge if there is one."""
    said = {
        "id": f"pi_{number}",
        "object": "payment_intent",
        "status": status,
        "currency": "usd",
        "created": 1_769_851_800,
        "latest_charge": {"id": f"ch_{number}", "object": "charge", **charge} if charge else None,
        "last_payment_error": None,
        "next_action": None,
        "metadata": {},
        **more,
    }
    return stripe.PaymentIntent.construct_from(said, "key")


def page(*found: Any, more: bool = False) -> Any:
    """Return one page of a list."""
    return stripe.ListObject.construct_from({"object": "list", "data": list(found), "has_more": more}, "key")


def refused(code: str | None = None, *, param: str | None = None) -> stripe.InvalidRequestError:
    """Return what Stripe raises for a request that it does not take."""
    fault = stripe.InvalidRequestError("no", param, code=code, http_status=400)  # type: ignore[no-untyped-call]
    fault.request_id = "req_1"
    return fault
