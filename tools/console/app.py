"""The console's server: the page, its stream, what the page asks for, and the actions."""

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from string import Template
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from contract import Saga
from saga.marks import stoppable
from tools.base.command import explanation
from tools.base.events import KEY, NOUN, REASON
from tools.base.problem import ProblemError
from tools.base.root import NAME
from tools.base.stack import Stack
from tools.console.actions import Actions
from tools.console.board import FIELDS
from tools.console.feed import Feed
from tools.console.guard import Guard
from tools.console.payloads import payloads
from tools.console.picture import choreography, svg
from tools.console.switches import Switches
from tools.operating.logs import LogGroup
from tools.operating.record import find
from tools.operating.story.sources import Sources
from tools.shop import panel as shop
from tools.shop.panel import Panel
from tools.shop.request import CANCELLED, NewSaga
from tools.shop.tour import TOUR
from tools.shop.ways import TRIGGERS

WEB = Path(__file__).with_name("web")
LARGEST = 64 * 1024
"""Bytes that a request may have."""


class Console:
    """One console: what it reads, and what may be done by it."""

    def __init__(
        self, feed: Feed, *, allowed: bool, switches: Switches | None = None, panel: Panel | None = None
    ) -> None:
        self.feed, self.switches, self.panel = feed, switches, panel
        self.actions = Actions(feed, allowed=allowed, switches=switches, panel=panel)
        self._sums: list[dict[str, Any]] = []
        self._shelves: list[dict[str, Any]] = []
        feed.looks.append(self._look)
        if switches:
            feed.begins.append(switches.begin)
        feed.more["sums"] = lambda: self._sums
        feed.more["shelves"] = lambda: self._shelves
        feed.more["stream"] = self.actions.stream.state
        feed.more["stuckAfter"] = lambda: int(feed.parameter("RecoverAfterSeconds") or 60)
        feed.more["switches"] = lambda: switches.state() if switches else None

    def about(self) -> dict[str, Any]:
        """Return what a page has to know once: where it is, what may be done, what the shop has."""
        target = self.feed.target
        return {
            "project": NAME,
            "stage": target.stage,
            "place": target.name,
            "stack": target.stack_name,
            "confirm": target.stack_name if target.is_production else None,
            "acts": self.actions.allowed,
            "noun": NOUN,
            "key": KEY,
            "reason": REASON,
            "stoppable": stoppable(Saga),
            "cancels": bool(CANCELLED),
            "fields": FIELDS,
            "cases": {name: {"body": way.body, "promises": way.promises} for name, way in TRIGGERS.items()},
            "form": NewSaga.model_json_schema(),
            "fill": shop.FILL,
            "tour": [asdict(stop) for stop in TOUR] if self.switches else [],
        }

    def _look(self, stack: Stack) -> None:
        if self.panel:
            self._sums = [asdict(each) for each in self.panel.sums(stack)]
            self.feed.hub.push("sums", sums=self._sums)
        shelves = self._read_shelves(stack)
        if shelves != self._shelves:
            self._shelves = shelves
            self.feed.hub.push("shelves", shelves=shelves)
        if self.actions.stream.rate:
            self.feed.hub.push("stream", stream=self.actions.stream.state())
        if self.switches and self.switches.at:
            self.feed.hub.push("switches", switches=self.switches.state())

    def _read_shelves(self, stack: Stack) -> list[dict[str, Any]]:
        """Return what lies on each shelf, and what orders in flight hold of it."""
        held = Counter[str]()
        for row in self.feed.board.rows():
            held.update(shop.holds_in_flight(row))
        return [{**shelf, "held": held[next(iter(shelf.values()))]} for shelf in shop.shelf_rows(stack)]


def app(console: Console, token: str, port: int, code: str = "") -> ASGIApp:
    """Return the application; only who has the token is let in, and once who has the code."""
    page = Template((WEB / "index.template.html").read_text())
    feed = console.feed

    async def index(_: Request) -> Response:
        return HTMLResponse(page.substitute(project=NAME, stage=feed.target.stage))

    async def picture(_: Request) -> Response:
        return Response(await run_in_threadpool(svg), media_type="image/svg+xml")

    async def stream(_: Request) -> Response:
        return StreamingResponse(feed.hub.stream(), media_type="text/event-stream")

    async def action(request: Request) -> Response:
        said = await _said(request)
        return await _answer(feed, lambda: console.actions.do(request.path_params["name"], said))

    def asked(what: Callable[[str], Any]) -> Callable[[Request], Any]:
        async def answer(request: Request) -> Response:
            return await _answer(feed, lambda: what(request.query_params.get("id", "")))

        return answer

    def story(key: str) -> Any:
        with feed.queue_lock:
            told = Sources(feed.stack, key).story()
        return {"story": told.model_dump(mode="json", by_alias=False), "payloads": dict(payloads(told.record))}

    def logs(key: str) -> Any:
        return {"lines": LogGroup(feed.stack).lines_of(key, find(feed.stack, key))}

    routes = [
        Route("/", index),
        Route("/stream", stream),
        Route("/about", asked(lambda _: console.about())),
        Route("/choreography", asked(lambda _: choreography())),
        Route("/choreography.svg", picture),
        Route("/story", asked(story)),
        Route("/logs", asked(logs)),
        Route("/do/{name}", action, methods=["POST"]),
        Mount("/web", StaticFiles(directory=WEB)),
    ]
    return Guard(Starlette(routes=[Mount(f"/{token}", routes=routes)]), token, port, code)


async def _said(request: Request) -> Mapping[str, Any]:
    body = await request.body()
    try:
        said = json.loads(body[:LARGEST] or b"{}")
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


async def _answer(feed: Feed, what: Callable[[], Any]) -> Response:
    """Return what something gives, in a thread of its own; of what goes wrong, the one line that says so."""
    try:
        return JSONResponse(await run_in_threadpool(what))
    except ProblemError as problem:
        return JSONResponse({"problem": str(problem)}, 409)
    except (ClientError, BotoCoreError, OSError) as error:
        return JSONResponse({"problem": explanation(error, feed.target) or str(error)}, 502)
    except Exception as error:  # noqa: BLE001  a fault of the tools: the page says so, and the console goes on
        said = " ".join(str(error).split())
        return JSONResponse(
            {"problem": f"unexpected {type(error).__name__}: {said}; this is a fault of the tools"}, 500
        )
