"""The orders in flight and the recent ones, listed from the deployed stack."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from typer.testing import CliRunner

from saga.clock import iso
from saga.table import shard_of
from tools.__main__ import app
from tools.base.problem import ProblemError
from tools.base.stack import Stack
from tools.base.waiting import wait_for
from tools.operating.following import follow
from tools.operating.orders import reading, tables
from tools.operating.orders.listing import Listed, Orders
from tools.operating.orders.reading import Reader
from tools.shop import api

Put = Callable[..., str]
"""Puts an order in flight that is so old, and stuck for so long, with these marks; return its id."""


@pytest.fixture
def in_flight(stack: Stack) -> Iterator[Put]:
    """Puts orders in flight that stay there: their records make no event, so that recovery passes them over.

    Each stands in a shard of its own, since the reader counts what is too much by shard.
    """
    put: list[str] = []

    def put_one(age: timedelta, still: timedelta, **marks: str) -> str:
        taken, now = set(map(shard_of, put)), datetime.now(UTC)
        order_id = next(order_id for order_id in map(str, iter(uuid4, None)) if shard_of(order_id) not in taken)
        created, updated = iso(now - age), iso(now - still)
        history = [{"status": "CREATED", "at": created}, {"status": "PAYMENT_CHARGED", "at": updated}]
        status = {"status": "PAYMENT_CHARGED", "updatedAt": updated, "history": history}
        stack.records.put_item(
            Item={"orderId": order_id, "createdAt": created, "inFlight": shard_of(order_id), **status, **marks}
        )
        put.append(order_id)
        return order_id

    yield put_one
    for order_id in put:
        stack.records.delete_item(Key={"orderId": order_id})


def finished(stack: Stack) -> str:
    order = {"customerId": "CUST-1", "sku": "NOBODY-HAS-THIS", "quantity": 1, "amount": 1}
    return str(follow(api.place(stack, order).json()["orderId"], stack)["orderId"])


def test_orders_in_flight_are_listed_oldest_first_with_what_is_wrong_with_them(stack: Stack, in_flight: Put) -> None:
    fresh = in_flight(timedelta(seconds=5), timedelta(seconds=1))
    stuck = in_flight(timedelta(minutes=10), timedelta(minutes=2))
    late = in_flight(timedelta(hours=2), timedelta(hours=1))
    found = {order.order_id: order for order in Reader(stack).orders(1).in_flight}
    assert [order_id for order_id in found if order_id in {fresh, stuck, late}] == [late, stuck, fresh]
    assert [(found[each].due_for_recovery, found[each].past_deadline) for each in (fresh, stuck, late)] == [
        (False, False),
        (True, False),
        (True, True),
    ]
    assert found[late].age_seconds == pytest.approx(7200, abs=60)
    assert found[late].still_seconds == pytest.approx(3600, abs=60)


def test_an_order_that_is_held_or_stopped_is_listed_as_such(
    stack: Stack, in_flight: Put, capsys: pytest.CaptureFixture[str]
) -> None:
    since = "2026-01-31T09:00:00.000Z"
    held = in_flight(timedelta(minutes=10), timedelta(minutes=2), held=since)
    stopped = in_flight(timedelta(seconds=5), timedelta(seconds=1), stopped="given up by an operator")
    found = Reader(stack).orders(1)
    due = {order.order_id: order.due_for_recovery for order in found.in_flight}
    assert (due[held], due[stopped]) == (False, True)
    tables.show(found)
    lines = capsys.readouterr().out.splitlines()
    assert [line.rstrip().endswith("held since 2026-01-31 09:00:00") for line in lines if held in line] == [True]
    (shown,) = (line for line in lines if stopped in line)
    assert "stopped: given up by an operator, due for recovery" in shown


def test_a_finished_order_is_recent_and_not_in_flight(stack: Stack) -> None:
    order_id = finished(stack)

    def recent() -> list[Listed]:
        return [order for order in Reader(stack).orders(5).recent if order.order_id == order_id]

    (order,) = wait_for(recent, seconds=20)
    assert (order.status, order.failure_reason) == ("INVENTORY_FAILED", "out of stock")
    assert order_id not in {order.order_id for order in Reader(stack).orders(5).in_flight}


def test_the_newest_of_the_recent_orders_come_first(stack: Stack) -> None:
    older, newer = finished(stack), finished(stack)

    def both() -> list[str]:
        listed = [order.order_id for order in Reader(stack).orders(60).recent if order.order_id in {older, newer}]
        return listed if len(listed) == 2 else []

    assert wait_for(both, seconds=20) == [newer, older]


def test_with_a_status_only_orders_that_stand_there_are_listed(stack: Stack, in_flight: Put) -> None:
    charged, order_id = in_flight(timedelta(minutes=1), timedelta(0)), finished(stack)
    wait_for(lambda: order_id in {order.order_id for order in Reader(stack).orders(5).recent}, seconds=20)
    listed = Reader(stack).orders(5, "INVENTORY_FAILED")
    assert listed.in_flight == ()
    assert order_id in {order.order_id for order in listed.recent}
    assert set(listed.by_status) == {"INVENTORY_FAILED"}
    assert charged in {order.order_id for order in Reader(stack).orders(5, "PAYMENT_CHARGED").in_flight}


def test_an_unknown_status_is_told_with_those_that_there_are(stack: Stack) -> None:
    with pytest.raises(ProblemError, match="there is no status SHIPPED: choose one of CREATED, INVENTORY_RESERVED"):
        Reader(stack).orders(5, "SHIPPED")


def test_what_is_too_much_to_list_is_said(
    stack: Stack, in_flight: Put, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for minutes in range(2, 5):
        in_flight(timedelta(minutes=minutes), timedelta(0))
    older, newer = finished(stack), finished(stack)
    wait_for(lambda: {older, newer} <= {order.order_id for order in Reader(stack).orders(5).recent}, seconds=20)
    monkeypatch.setattr(reading, "MOST", 1)
    orders = Reader(stack).orders(5)
    assert len(orders.in_flight) <= 1
    assert orders.younger_in_flight >= 2
    assert len(orders.recent) == 1
    assert orders.older_left_out
    tables.show(orders)
    printed = capsys.readouterr().out
    assert "younger ones, whose status was not read" in printed
    assert "the newest of those taken in the last 5 minutes" in printed


def test_the_command_prints_whole_rows_on_a_narrow_screen(
    stack: Stack, in_flight: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    late, order_id = in_flight(timedelta(hours=3), timedelta(hours=1)), finished(stack)
    wait_for(lambda: order_id in {order.order_id for order in Reader(stack).orders(5).recent}, seconds=20)
    monkeypatch.setenv("PORT", str(stack.target.port))
    monkeypatch.setattr("tools.base.console.console.width", 80)
    printed = CliRunner().invoke(app, ["orders", "--minutes", "5"], catch_exceptions=False).stdout
    rows = {row.split()[0]: row for row in printed.splitlines() if len(row.split()) > 3}
    assert "PAYMENT_CHARGED" in rows[late]
    assert "past its deadline, due for recovery" in rows[late]
    assert "3 h 0 min" in rows[late]
    assert "out of stock" in rows[order_id]
    as_json = json.loads(CliRunner().invoke(app, ["orders", "--minutes", "5", "--json"], catch_exceptions=False).stdout)
    assert late in {order["orderId"] for order in as_json["inFlight"]}
    assert order_id in {order["orderId"] for order in as_json["recent"]}


def test_when_there_are_none_it_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    tables.show(
        Orders(
            status=None,
            in_flight=(),
            younger_in_flight=0,
            not_counted=False,
            minutes=5,
            recent=(),
            older_left_out=False,
        )
    )
    assert capsys.readouterr().out.splitlines() == [
        "no order is in flight",
        "no order was taken in the last 5 minutes",
    ]
