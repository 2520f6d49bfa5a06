"""Keeps everybody out but the person who started the console: a web page elsewhere must not place orders through it.

The address holds a token, as its first part, so that no cookie is needed: a request that a foreign page makes cannot
know it. Beside that, the `Host` has to be this machine, against a name that is made to lead here (DNS rebinding), and a
browser that says where a request comes from has to say: from this very page.

Every user of a machine sees what a browser is started with. So that one is given an address with a code, which leads to
the token's address once and then nowhere.
"""

import secrets
from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, RedirectResponse

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    # No text becomes markup, whoever wrote it: assigning to innerHTML fails.
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
"""The Content Security Policy: nothing inline, nothing from elsewhere."""
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    # The token stands in the address.
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
STRANGER = "This console answers at the address that `make console` printed when it was started.\n"
LOOKING = {"GET", "HEAD"}


class Guard:
    """Lets requests through to an application that are this page's own, and adds the headers of each answer."""

    def __init__(self, app: "ASGIApp", token: str, port: int, code: str = "") -> None:
        self._app, self._token, self._code = app, token, code
        self._hosts = {f"127.0.0.1:{port}", f"localhost:{port}"}

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Handle a request (ASGI)."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return

        async def send_with_headers(message: "Message") -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        if self._is_the_code(scope):
            self._code = ""
            await RedirectResponse(f"/{self._token}/", HTTPStatus.SEE_OTHER)(scope, receive, send_with_headers)
        elif refused := self._refusal(scope):
            answer = PlainTextResponse(refused, HTTPStatus.FORBIDDEN)
            await answer(scope, receive, send_with_headers)
        else:
            await self._app(scope, receive, send_with_headers)

    def _is_the_code(self, scope: "Scope") -> bool:
        """Return whether a request is the first one that comes with the code."""
        given = scope["path"].strip("/")
        right = self._code and secrets.compare_digest(given.encode(), self._code.encode())
        return bool(right) and Headers(scope=scope).get("host", "") in self._hosts and scope["method"] == "GET"

    def _refusal(self, scope: "Scope") -> str | None:
        """Return why a request is refused, None if it is not."""
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if host not in self._hosts:
            return "This console is for this machine alone.\n"
        token = scope["path"].split("/")[1]
        if not secrets.compare_digest(token.encode(), self._token.encode()):
            return STRANGER
        origin, site = headers.get("origin"), headers.get("sec-fetch-site")
        if origin not in {None, f"http://{host}"} or site in {"cross-site", "same-site"}:
            return "This request comes from another page.\n"
        # A form of another page can send no JSON without being asked first.
        if scope["method"] not in LOOKING and (origin is None or not _is_json(headers)):
            return "This request comes from no page of this console.\n"
        return None


def _is_json(headers: Headers) -> bool:
    return headers.get("content-type", "").partition(";")[0].strip() == "application/json"
