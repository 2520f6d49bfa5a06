"""The payment provider hangs for a while under load: orders wait, no dead letter comes, and all end once it is back."""

import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tools.base.stack import Stack
from tools.base.target import Target
from tools.base.waiting import wait_for
from tools.deploying.deploy import deploy
from tools.emulator.embedded import Emulator
from tools.operating import recovery
from tools.operating.dead_letters import DeadLetterQueue
from tools.operating.logs import LogGroup
from tools.shop import api, stock

pytestmark = pytest.mark.slow

ORDERS = 20
AT_ONCE = 4


@contextmanager
def away(books: Path) -> Iterator[None]:
    """Let the simulated payment provider hang: somebody holds its books."""
    with closing(sqlite3.connect(books, timeout=30, isolation_level=None)) as held:
        held.execute("BEGIN EXCLUSIVE")
        yield


@pytest.fixture
def own(beside: Callable[[str], Target]) -> Stack:
    """A stack whose orders are due for recovery within seconds."""
    target = beside("outage")
    deploy(target, RecoverAfterSeconds="1")
    return Stack.of(target)


def statuses(stack: Stack, orders: list[str]) -> set[str]:
    return {
        str(stack.records.get_item(Key={"orderId": each}, ConsistentRead=True)["Item"]["status"]) for each in orders
    }


def lines(stack: Stack, kind: str) -> list[dict[str, Any]]:
    return [line for line in LogGroup(stack).lines(kind) if line.get("event") == kind]


def deferred(stack: Stack) -> dict[str, list[str]]:
    """Return why the steps of each order were deferred."""
    found: dict[str, list[str]] = {}
    for line in lines(stack, "step"):
        if line["delivery"] == "deferred":
            found.setdefault(line["orderId"], []).append(line["reason"])
    return found


def test_orders_wait_for_a_provider_that_hangs_and_all_end_once_it_is_back(emulator: Emulator, own: Stack) -> None:
    stock.shelves(own).put_item(Item={"sku": "WAITED-FOR", "available": ORDERS})
    order = {"customerId": "CUST-1", "sku": "WAITED-FOR", "quantity": 1, "amount": 4200}

    def placed(_number: int) -> str:
        answer = api.place(own, order)
        return str(answer.raise_for_status().json()["orderId"])

    # One order before, so that the books are there.
    first = placed(0)
    assert wait_for(lambda: statuses(own, [first]) == {"SHIPPING_SCHEDULED"}, seconds=30)
    with away(emulator.temporary / "simulated-gateway.sqlite"), ThreadPoolExecutor(AT_ONCE) as customers:
        orders = list(customers.map(placed, range(1, ORDERS)))
        assert wait_for(lambda: deferred(own).keys() >= set(orders), seconds=90)
        before = {order: len(reasons) for order, reasons in deferred(own).items()}
        recovery.run(own)
        again = wait_for(lambda: all(len(deferred(own)[order]) > before[order] for order in orders), seconds=60)
        assert again
        assert statuses(own, orders) == {"INVENTORY_RESERVED"}
    reasons = {reason for every in deferred(own).values() for reason in every}
    assert any("the circuit is open" in reason for reason in reasons)

    def all_shipped() -> bool:
        recovery.run(own)
        return statuses(own, orders) == {"SHIPPING_SCHEDULED"}

    assert wait_for(all_shipped, seconds=120, every=1)
    assert DeadLetterQueue(own).letters() == []
    assert lines(own, "step failed") == []
    shelf = stock.shelves(own).get_item(Key={"sku": "WAITED-FOR"}, ConsistentRead=True)["Item"]
    assert shelf["available"] == 0
    with closing(sqlite3.connect(emulator.temporary / "simulated-gateway.sqlite")) as books:
        held = dict(books.execute("SELECT key, state FROM payments").fetchall())
    assert {held[order] for order in (first, *orders)} == {"charged"}
