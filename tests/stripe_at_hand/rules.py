"""The rules of Stripe's API that localstripe lacks, as Stripe documents them: an HTTP layer in front of it.

Idempotency ("Idempotent requests", "Advanced error handling"): the first answer under a key is stored for 24 hours,
failures included, once the request began to execute; 409 while it executes; 400 if it comes with other parameters; a
replay has the header `Idempotent-Replayed`. Refunds ("Refund and cancel payments"): no more than was charged, and none
of what is charged back. Search: what is made is found only after a while.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import Enum, auto
from typing import Any
from urllib.parse import parse_qsl, urlencode

from aiohttp import ClientSession, web
from localstripe.resources import PaymentIntent, Refund, store

KEYS_LAST = timedelta(hours=24)
INDEX_LAGS = timedelta(minutes=1)
SMALLEST = 50
"""Of a payment in USD."""
UNKNOWN_TO_LOCALSTRIPE = ("automatic_payment_methods", "return_url")
RELAYED = ("Authorization", "Content-Type")
AUTHENTICATION_PAGE = "https://hooks.stripe.com/3d_secure_2"


class Strike(Enum):
    """How a call fails."""

    BEFORE = auto()
    """500, stored, and nothing was done."""
    AFTER = auto()
    """500, stored, but it was done."""
    UNSTORED = auto()
    """500 from a server in front: nothing was done, and nothing is stored."""
    LOST = auto()
    """It was done and is stored, but the connection broke."""
    LIMITED = auto()
    """429, not stored."""


@dataclass(frozen=True)
class Answer:
    """An HTTP answer."""

    status: int
    body: dict[str, Any]

    def send(self, *, replayed: bool = False) -> web.Response:
        headers = {"Idempotent-Replayed": "true"} if replayed else {}
        return web.json_response(self.body, status=self.status, headers=headers)


@dataclass(frozen=True)
class Stored:
    """What is remembered under an idempotency key; no answer yet while the request executes."""

    request: tuple[str, str, bytes]
    at: datetime
    answer: Answer | None = None


@dataclass(frozen=True)
class Call:
    """A call that was made."""

    method: str
    path: str
    status: int
    replayed: bool


@dataclass
class Rules:
    """The layer, and what a test may do to it."""

    localstripe: str
    api_keys: set[str] = field(default_factory=lambda: {"sk_test_first"})
    calls: list[Call] = field(default_factory=list)
    charged_back: set[str] = field(default_factory=set)
    """Charges that the customers' banks took back."""
    passed: timedelta = timedelta()
    """How far its clock is ahead."""
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))
    debits_are_decided: bool = False
    """Whether the customers' banks have answered to direct debits."""
    unfunded: set[str] = field(default_factory=set)
    """Intents that the shop's balance is too low to refund."""
    meanwhile: dict[str, Callable[[], object]] = field(default_factory=dict)
    """What happens elsewhere just before a call with this method and path executes, once each."""
    _strikes: list[tuple[str, Strike]] = field(default_factory=list)
    _stored: dict[str, Stored] = field(default_factory=dict)
    made: dict[str, datetime] = field(default_factory=dict)
    """When each intent was made."""

    def strike(self, path: str, *strikes: Strike) -> None:
        """Let the next calls whose method and path match fail, in these ways, in turn."""
        self._strikes += [(path, strike) for strike in strikes]

    async def until_the_banks_answer(self, _seconds: float) -> None:
        """Wait until direct debits are decided; localstripe waits for half a second, which no test can rely on."""
        # A test sets it from another thread, where an event of asyncio cannot be set.
        while not self.debits_are_decided:  # noqa: ASYNC110
            await asyncio.sleep(0.01)

    def forget(self) -> None:
        """Be as in the beginning, but for the books."""
        self.__init__(self.localstripe)  # type: ignore[misc]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one call."""
        body = await request.read()
        strike = self._strike_of(f"{request.method} {request.path}")
        key = request.headers.get("Idempotency-Key") if request.method == "POST" else None
        if request.headers.get("Authorization", "").removeprefix("Bearer ") not in self.api_keys:
            answer, replayed = _error(401, "Invalid API Key provided", type="invalid_request_error"), False
        elif strike is Strike.LIMITED:
            answer, replayed = _error(429, "Too many requests", code="rate_limit"), False
        elif strike is Strike.UNSTORED:
            answer, replayed = _error(500, "An error in front of Stripe", type="api_error"), False
        elif key is None:
            answer, replayed = await self._execute(request, body, strike), False
        else:
            answer, replayed = await self._under_key(key, request, body, strike)
        self.calls.append(Call(request.method, request.path, answer.status, replayed))
        if strike is Strike.LOST:
            assert request.transport
            request.transport.abort()
        return answer.send(replayed=replayed)

    async def _under_key(
        self, key: str, request: web.Request, body: bytes, strike: Strike | None
    ) -> tuple[Answer, bool]:
        asked, stored = (request.method, request.path, body), self._stored.get(key)
        if stored and self._now() - stored.at < KEYS_LAST:
            if stored.request != asked:
                return _error(400, "Keys can only be used with the same parameters", type="idempotency_error"), False
            if stored.answer is None:
                return _error(409, "There is another request in progress", code="idempotency_key_in_use"), False
            return stored.answer, True
        self._stored[key] = Stored(asked, self._now())
        answer = await self._execute(request, body, strike)
        if answer.body.get("error", {}).get("param"):
            # It failed validation: nothing began to execute.
            del self._stored[key]
        else:
            self._stored[key] = Stored(asked, self._now(), answer)
        return answer, False

    async def _execute(self, request: web.Request, body: bytes, strike: Strike | None) -> Answer:
        for path in [path for path in self.meanwhile if re.search(path, f"{request.method} {request.path}")]:
            await asyncio.get_running_loop().run_in_executor(None, self.meanwhile.pop(path))
        if strike is Strike.BEFORE:
            return _error(500, "An error on Stripe's side", type="api_error")
        answer = await self._decide(request, body)
        if strike is Strike.AFTER:
            return _error(500, "An error on Stripe's side", type="api_error")
        return answer

    async def _decide(self, request: web.Request, body: bytes) -> Answer:
        sent = dict(parse_qsl(body.decode()))
        for path, decide in DECISIONS.items():
            if found := re.fullmatch(path, f"{request.method} {request.path}"):
                return await decide(self, request, sent, **found.groupdict())
        return await self.relay(request, sent)

    async def relay(self, request: web.Request, sent: dict[str, str]) -> Answer:
        """Have localstripe decide."""
        known = {name: value for name, value in sent.items() if not name.startswith(UNKNOWN_TO_LOCALSTRIPE)}
        async with (
            ClientSession() as session,
            session.request(
                request.method,
                f"{self.localstripe}{request.path_qs}",
                data=urlencode(known) or None,
                headers={name: request.headers[name] for name in RELAYED if name in request.headers},
            ) as response,
        ):
            answer = Answer(response.status, await response.json())
        expanded = {*request.query.getall("expand[]", []), *request.query.getall("expand[0]", [])}
        charge = answer.body.get("latest_charge")
        if isinstance(charge, dict) and "latest_charge" not in expanded:
            answer.body["latest_charge"] = charge["id"]
        return answer

    async def make(self, request: web.Request, sent: dict[str, str]) -> Answer:
        """POST /v1/payment_intents."""
        if sent["currency"] == "usd" and int(sent["amount"]) < SMALLEST:
            return _error(400, "Amount must be at least $0.50 usd", code="amount_too_small", param="amount")
        answer = await self.relay(request, sent)
        if answer.status == 404:
            return _error(404, "No such PaymentMethod", code="resource_missing", param="payment_method")
        if answer.status == 200:
            self.made[answer.body["id"]] = self._now()
        return answer

    async def confirm(self, request: web.Request, sent: dict[str, str], intent: str) -> Answer:
        """POST /v1/payment_intents/{id}/confirm."""
        if "return_url" not in sent:
            return _error(400, "You must provide a return_url", param="return_url")
        answer = await self.relay(request, sent)
        if answer.status == 400:
            return _error(400, "This PaymentIntent cannot be confirmed", code="payment_intent_unexpected_state")
        if answer.body.get("next_action"):
            redirect = {"url": f"{AUTHENTICATION_PAGE}/{intent}", "return_url": sent["return_url"]}
            action = {"type": "redirect_to_url", "redirect_to_url": redirect}
            _intent(intent).next_action = action
            answer.body["next_action"] = action
        return answer

    async def cancel(self, request: web.Request, sent: dict[str, str], intent: str) -> Answer:  # noqa: ARG002
        """POST /v1/payment_intents/{id}/cancel."""
        answer = await self.relay(request, sent)
        if answer.status == 400:
            return _error(400, "You cannot cancel this PaymentIntent", code="payment_intent_unexpected_state")
        return answer

    async def refund(self, request: web.Request, sent: dict[str, str]) -> Answer:
        """POST /v1/refunds."""
        charge = _intent(sent["payment_intent"]).latest_charge
        if charge and charge.id in self.charged_back:
            return _error(400, "The charge has been charged back", code="charge_disputed")
        if charge and charge.refunded:
            return _error(400, "The charge has already been refunded", code="charge_already_refunded")
        if sent["payment_intent"] in self.unfunded:
            return _error(400, "Insufficient funds in your Stripe account", code="balance_insufficient")
        return await self.relay(request, sent)

    async def search(self, request: web.Request, sent: dict[str, str]) -> Answer:  # noqa: ARG002
        """GET /v1/payment_intents/search."""
        asked = re.fullmatch(r"metadata\['(\w+)'\]:'(.*)'", request.query["query"])
        assert asked
        name, value = asked[1], re.sub(r"\\(.)", r"\1", asked[2])
        found = [
            {"object": intent.object, "id": intent.id}
            for intent in list(store.values())
            if isinstance(intent, PaymentIntent)
            and intent.metadata.get(name) == value
            and self._now() - self.made[intent.id] > INDEX_LAGS
        ]
        return Answer(200, {"object": "search_result", "data": found, "has_more": False, "url": request.path})

    async def list_all(self, request: web.Request, sent: dict[str, str]) -> Answer:  # noqa: ARG002
        """GET /v1/payment_intents and /v1/refunds, the newest first: localstripe knows no `created`."""
        kind = PaymentIntent if request.path.endswith("payment_intents") else Refund
        least, less = (int(request.query.get(f"created[{bound}]", default)) for bound, default in BOUNDS)
        found = [each for each in list(store.values()) if isinstance(each, kind) and least <= each.created < less]
        found.sort(key=lambda each: (each.created, each.id), reverse=True)
        ids = [each.id for each in found]
        first = ids.index(request.query["starting_after"]) + 1 if "starting_after" in request.query else 0
        page = found[first : first + int(request.query["limit"])]
        data = [self._listed(each) for each in page]
        return Answer(
            200, {"object": "list", "data": data, "has_more": len(found) > first + len(page), "url": request.path}
        )

    def _listed(self, each: Any) -> dict[str, Any]:
        shown = {"object": each.object, "id": each.id, "status": each.status, "created": each.created}
        if isinstance(each, Refund):
            return shown | {"payment_intent": each.payment_intent, "charge": each.charge, "metadata": each.metadata}
        shown["latest_charge"] = None
        if charge := each.latest_charge:
            shown["latest_charge"] = {
                "object": "charge",
                "id": charge.id,
                "status": charge.status,
                "amount": charge.amount,
                "amount_refunded": charge.amount_refunded,
                "disputed": charge.id in self.charged_back,
            }
        return shown | {"amount": each.amount, "currency": each.currency, "metadata": each.metadata}

    def _strike_of(self, call: str) -> Strike | None:
        for index, (path, strike) in enumerate(self._strikes):
            if re.search(path, call):
                del self._strikes[index]
                return strike
        return None

    def _now(self) -> datetime:
        return self.now() + self.passed


BOUNDS = (("gte", "0"), ("lt", "99999999999"))
Decision = Callable[..., Awaitable[Answer]]
DECISIONS: dict[str, Decision] = {
    "POST /v1/payment_intents": Rules.make,
    "POST /v1/payment_intents/(?P<intent>[^/]+)/confirm": Rules.confirm,
    "POST /v1/payment_intents/(?P<intent>[^/]+)/cancel": Rules.cancel,
    "POST /v1/refunds": Rules.refund,
    "GET /v1/payment_intents/search": Rules.search,
    "GET /v1/(payment_intents|refunds)": Rules.list_all,
}


def _intent(intent: str) -> Any:
    return store[f"payment_intent:{intent}"]


def _error(status: int, message: str, **said: str) -> Answer:
    return Answer(status, {"error": {"type": "invalid_request_error", "message": message} | said})
