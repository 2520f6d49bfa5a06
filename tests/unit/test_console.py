"""The console's server: whom it lets in, what it does where it may only look, and what it sends to the pages."""

import asyncio
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.unit.placed import ORDER
from tools.__main__ import app as tools
from tools.base import command, settings
from tools.base.events import KEY
from tools.base.target import ROOT, Target
from tools.console.app import WEB, Console, app
from tools.console.board import MOST, Board
from tools.console.feed import Feed
from tools.console.hub import MOST_PAGES, Hub
from tools.operating.watch.line import event_of
from tools.shop.panel import Panel, holds_in_flight

TOKEN, PORT = "token", 4580
HERE = {"host": f"127.0.0.1:{PORT}"}
OWN = {**HERE, "origin": f"http://127.0.0.1:{PORT}", "content-type": "application/json"}


def target(stage: str = "local") -> Target:
    endpoint = "http://127.0.0.1:9" if stage == "local" else None
    return Target(stage=stage, endpoint=endpoint, region="eu-central-1", stack_name=f"order-saga-{stage}")


def client(stage: str = "local", *, acts: bool = True) -> TestClient:
    """Return what calls a console that reaches no stack."""
    console = Console(Feed(target(stage)), allowed=acts)
    return TestClient(app(console, TOKEN, PORT), base_url=f"http://127.0.0.1:{PORT}")


@pytest.fixture
def here() -> Iterator[TestClient]:
    with client() as calls:
        yield calls


@pytest.mark.parametrize(
    ("path", "headers", "says"),
    [
        ("/", HERE, "the address that `make console` printed"),
        ("/another/", HERE, "the address that `make console` printed"),
        (f"/{TOKEN}/", {"host": "rebound.example"}, "for this machine alone"),
        (f"/{TOKEN}/", {"host": f"127.0.0.1.example:{PORT}"}, "for this machine alone"),
        (f"/{TOKEN}/", {"host": "127.0.0.1:1"}, "for this machine alone"),
        (f"/{TOKEN}/stream", {**HERE, "origin": "http://elsewhere.example"}, "from another page"),
        (f"/{TOKEN}/", {**HERE, "sec-fetch-site": "cross-site"}, "from another page"),
        (f"/{TOKEN}/", {**HERE, "sec-fetch-site": "same-site"}, "from another page"),
    ],
)
def test_a_stranger_is_not_let_in(here: TestClient, path: str, headers: dict[str, str], says: str) -> None:
    answer = here.get(path, headers=headers)
    assert answer.status_code == 403
    assert says in answer.text


@pytest.mark.parametrize(
    "headers",
    [
        HERE,
        {**HERE, "content-type": "application/json"},
        {**OWN, "origin": "null"},
        {**OWN, "origin": "http://elsewhere.example"},
        {**OWN, "origin": "http://127.0.0.1:8000"},
        {**OWN, "content-type": "text/plain"},
        {**OWN, "content-type": "application/x-www-form-urlencoded"},
    ],
)
def test_no_other_page_acts_through_it(here: TestClient, headers: dict[str, str]) -> None:
    assert here.post(f"/{TOKEN}/do/place", headers=headers, content='{"case": "happy"}').status_code == 403


@pytest.mark.parametrize("path", ["/", f"/{TOKEN}/", f"/{TOKEN}/web/console.js", f"/{TOKEN}/about", f"/{TOKEN}/none"])
def test_each_answer_allows_no_inline_script_and_keeps_the_address_secret(here: TestClient, path: str) -> None:
    headers = here.get(path, headers=HERE).headers
    policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["form-action"] == policy["base-uri"] == "'none'"
    assert policy["require-trusted-types-for"] == "'script'"
    assert (headers["referrer-policy"], headers["cache-control"]) == ("no-referrer", "no-store")


def test_the_page_holds_no_script_and_no_style_of_its_own_and_loads_nothing_from_elsewhere(here: TestClient) -> None:
    page = here.get(f"/{TOKEN}/", headers=HERE).text
    assert re.findall(r"<script(?![^>]* src=)|<style|\sstyle=|\son\w+=|https?:", page) == []
    code = "".join(file.read_text() for file in WEB.glob("*.js")).replace("http://www.w3.org/2000/svg", "")
    assert re.findall(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|https?:", code) == []


@pytest.mark.parametrize(
    "name",
    [
        *("place", "stream", "redrive", "publish", "recover", "fill", "switch", "back"),
        *("cancel", "hold", "release", "give-up"),
    ],
)
def test_on_aws_it_only_looks(name: str) -> None:
    with client("dev", acts=False) as calls:
        answer = calls.post(f"/{TOKEN}/do/{name}", headers=OWN, content="{}")
        assert (answer.status_code, answer.json()["problem"]) == (
            409,
            "this console only looks: start it with ACTIONS=yes to act on AWS",
        )
        assert calls.get(f"/{TOKEN}/about", headers=HERE).json()["acts"] is False


@pytest.mark.parametrize("name", ["hold", "release", "give-up"])
@pytest.mark.parametrize("said", [{}, {"why": ""}, {"why": " "}, {"why": 3}])
def test_nobody_intervenes_without_a_reason(here: TestClient, name: str, said: dict[str, Any]) -> None:
    answer = here.post(f"/{TOKEN}/do/{name}", headers=OWN, content=json.dumps({"key": "1", **said}))
    assert (answer.status_code, answer.json()) == (409, {"problem": "say why: it is kept in the record's marks"})


@pytest.mark.parametrize(("route", "offered"), [(("PAYMENT_PENDING", "INVENTORY_RELEASED"), True), (None, False)])
def test_cancelling_is_offered_where_the_api_has_a_route_for_it(
    here: TestClient, monkeypatch: pytest.MonkeyPatch, route: tuple[str, str] | None, *, offered: bool
) -> None:
    monkeypatch.setattr("tools.console.app.CANCELLED", route)
    assert here.get(f"/{TOKEN}/about", headers=HERE).json()["cancels"] is offered


@pytest.mark.parametrize("typed", [None, "", "prod", "order-saga-dev"])
def test_in_prod_each_action_wants_the_stacks_name(typed: str | None) -> None:
    with client("prod") as calls:
        said = {"case": "happy"} | ({} if typed is None else {"confirm": typed})
        answer = calls.post(f"/{TOKEN}/do/place", headers=OWN, content=json.dumps(said))
        assert answer.json() == {"problem": "this changes order-saga-prod: to confirm, type its name"}
        named = calls.post(f"/{TOKEN}/do/place", headers=OWN, content=json.dumps(said | {"confirm": "order-saga-prod"}))
        assert named.json() == {"problem": "connecting to AWS"}


def test_in_prod_starting_it_wants_the_stacks_name(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(settings, "_adopted", [settings.read({"STAGE": "prod", "AWS_REGION": "eu-central-1"})])
    with pytest.raises(SystemExit) as ended:
        command.run(lambda: tools(["console"], standalone_mode=False))
    assert ended.value.code == 1
    assert capsys.readouterr().err == (
        "✘ this makes a rule and a queue beside order-saga-prod: to confirm, add CONFIRM=order-saga-prod\n"
    )


@pytest.mark.parametrize(
    "body",
    ["", "[]", "null", '"x"', "{", pytest.param("[" * 100_000, id="deep"), '{"case": {}}', '{"body": 3}'],
)
def test_what_is_no_request_is_answered_in_one_line(here: TestClient, body: str) -> None:
    answer = here.post(f"/{TOKEN}/do/place", headers=OWN, content=body)
    assert answer.status_code == 409
    assert answer.json()["problem"]
    assert "\n" not in answer.json()["problem"]


def test_only_the_embedded_emulator_can_be_broken(here: TestClient) -> None:
    answer = here.post(f"/{TOKEN}/do/switch", headers=OWN, content='{"name": "lost", "to": "lost"}')
    assert answer.json() == {"problem": "only what runs on the embedded emulator can be broken"}


def told(board: Board, name: str, **more: Any) -> tuple[dict[str, Any], bool]:
    detail = ORDER | more
    event = event_of({"detail-type": name, "detail": detail})
    assert event
    from saga.clock import now  # noqa: PLC0415

    return board.told(event, detail, now())


def test_an_event_that_comes_late_or_twice_moves_no_order_back() -> None:
    board = Board()
    assert told(board, "OrderCreated")[1]
    assert told(board, "PaymentCharged", reservationId="R", paymentId="P")[1]
    row, moved = told(board, "InventoryReserved", reservationId="R")
    assert (row["status"], row["again"], moved) == ("PAYMENT_CHARGED", 1, False)


def test_the_board_forgets_the_oldest_that_ended_and_no_order_in_flight() -> None:
    board = Board()
    told(board, "OrderCreated", orderId="in flight")
    for number in range(MOST + 10):
        told(board, "InventoryFailed", orderId=f"ended {number}", failureReason="out of stock")
    keys = [row[KEY] for row in board.rows()]
    assert len(keys) == MOST
    assert "in flight" in keys
    assert "ended 0" not in keys


def test_a_page_that_is_too_slow_gets_the_whole_state_again_and_no_endless_queue() -> None:
    hub = Hub(lambda: {"rows": []})

    async def read() -> list[list[dict[str, Any]]]:
        stream = hub.stream()
        messages = [await anext(stream)]
        hub.push("row", number=1)
        hub.push("row", number=2)
        messages.append(await anext(stream))
        for number in range(5_000):
            hub.push("row", number=number)
        messages.append(await anext(stream))
        await stream.aclose()  # type: ignore[attr-defined]
        return [json.loads(message.removeprefix("data: ")) for message in messages]

    first, few, many = asyncio.run(read())
    assert first == [{"kind": "state", "rows": []}]
    assert few == [{"kind": "row", "number": 1}, {"kind": "row", "number": 2}]
    assert many == first
    assert not hub.watched


def test_the_oldest_of_too_many_pages_is_paused_last_of_all_however_slow_it_is() -> None:
    hub = Hub(lambda: {"rows": []})

    async def read() -> list[str]:
        streams = [hub.stream() for _ in range(MOST_PAGES)]
        for stream in streams:
            await anext(stream)
        for number in range(5_000):
            hub.push("row", number=number)
        streams.append(hub.stream())
        await anext(streams[-1])
        kinds = [json.loads(message.removeprefix("data: "))[0]["kind"] async for message in streams[0]]
        for stream in streams[1:]:
            await stream.aclose()  # type: ignore[attr-defined]
        return kinds

    assert asyncio.run(read()) == ["paused"]


def test_what_the_browser_runs_is_all_in_the_folder_and_small() -> None:
    files = [file for file in WEB.rglob("*") if file.is_file()]
    assert sum(file.stat().st_size for file in files) < 100_000
    assert {file.suffix for file in files} == {".js", ".css", ".html", ".svg"}


@pytest.fixture
def panel(tmp_path: Path) -> Panel:
    return Panel(tmp_path)


def order(pieces: int, *statuses: str) -> dict[str, Any]:
    return {
        "sku": "BOOK",
        "quantity": pieces,
        "amount": 100,
        "currency": "USD",
        "status": statuses[-1],
        "history": [{"status": status} for status in statuses],
    }


RESERVED = ("CREATED", "INVENTORY_RESERVED")
RELEASED = (*RESERVED, "PAYMENT_FAILED", "INVENTORY_RELEASED")


def test_a_piece_that_vanishes_or_appears_is_seen_and_one_that_is_moving_is_not_mistaken_for_it(panel: Panel) -> None:
    count = panel._pieces.count  # noqa: SLF001  without tables
    still = {"a": order(3, *RESERVED)}
    assert count(still, {"BOOK": 7}, still).stands == "right"
    moving = {"a": order(3, *RELEASED), "b": order(2, *RESERVED)}
    assert count(still, {"BOOK": 8}, moving).stands == "right"
    assert count(moving, {"BOOK": 8}, moving).stands == "right"
    assert count(moving, {"BOOK": 7}, moving).says == "1 BOOK vanished"
    assert count(moving, {"BOOK": 9}, moving).says == "1 BOOK appeared"
    assert count(moving, {"BOOK": -1}, moving).says == "1 BOOK more were sold than there are"


@pytest.mark.parametrize(
    ("status", "held"),
    [
        ("CREATED", {}),
        ("INVENTORY_FAILED", {}),
        ("INVENTORY_RESERVED", {"BOOK": 3}),
        ("PAYMENT_FAILED", {"BOOK": 3}),
        ("INVENTORY_RELEASED", {}),
        ("SHIPPING_SCHEDULED", {}),
        (None, {}),
        ("A_STATUS_OF_NOBODY", {}),
    ],
)
def test_a_shelf_shows_the_pieces_that_orders_in_flight_hold(status: str | None, held: dict[str, int]) -> None:
    assert holds_in_flight(order(3, "CREATED") | {"status": status}) == held


def test_money_is_wrong_if_it_is_wrong_twice_in_a_row(panel: Panel) -> None:
    count = panel.money
    shipped = {"a": order(1, *RESERVED, "PAYMENT_CHARGED", "SHIPPING_SCHEDULED"), "b": order(1, *RELEASED)}
    right = {"a": ("charged", 100, "USD"), "b": ("voided", 100, "USD")}
    assert count(shipped, right).stands == "right"
    for money in ({"a": ("charged", 100, "USD"), "b": ("charged", 100, "USD")}, {}):
        assert count(shipped, right).stands == "right"
        assert count(shipped, money).stands == "counting"
        assert count(shipped, money).stands == "wrong"


def test_the_console_ships_with_no_lambda() -> None:
    assert "console" not in (ROOT / "template.yaml").read_text()
