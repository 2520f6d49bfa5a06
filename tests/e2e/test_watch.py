"""The live tail of the bus on the deployed stack, run as a person runs it: a process that prints until told to end."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from contract import Saga
from orders.order_ids import OrderIds
from tools.base.stack import Stack
from tools.base.target import ROOT
from tools.base.waiting import wait_for
from tools.operating.following import follow
from tools.operating.watch.pattern import pattern_of
from tools.operating.watch.tap import Bus, Tap
from tools.shop import api, stock
from tools.shop.triggers import TRIGGERS

PATIENCE = 30


@dataclass(frozen=True)
class Watch:
    """A running watch; what it prints goes into two files."""

    process: subprocess.Popen[bytes]
    printed: Path
    noticed: Path

    @property
    def lines(self) -> list[str]:
        return self.printed.read_text().splitlines()

    @property
    def envelopes(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.lines]

    @property
    def notices(self) -> str:
        return self.noticed.read_text()

    def ended(self) -> int:
        """Wait for its end, and return its exit code."""
        return self.process.wait(PATIENCE)


Start = Callable[..., Watch]


@pytest.fixture
def watch(stack: Stack, tmp_path: Path) -> Iterator[Start]:
    """Start a watch and wait until it listens; it ends with the test, and what it left is removed."""
    started: list[Watch] = []

    def start(*words: str, printed: int | None = None) -> Watch:
        files = tmp_path / f"printed-{len(started)}", tmp_path / f"noticed-{len(started)}"
        with files[0].open("wb") as out, files[1].open("wb") as err:
            process = subprocess.Popen(
                [sys.executable, "-m", "tools", "watch", *words],
                cwd=ROOT,
                env=os.environ | {"STAGE": "local", "PORT": str(stack.target.port), "PYTHONPATH": "src"},
                stdout=out if printed is None else printed,
                stderr=err,
            )
        started.append(Watch(process, *files))
        assert wait_for(lambda: f"watching {stack.outputs['EventBusName']}" in started[-1].notices, seconds=PATIENCE)
        return started[-1]

    yield start
    for one in started:
        one.process.terminate()
        one.ended()
    for name in set(left_behind(stack)):
        Tap(Bus.of(stack), name).remove()


def left_behind(stack: Stack) -> list[str]:
    """Return the names of the rules and the queues of watches that there are."""
    bus = Bus.of(stack)
    rules = bus.events.list_rules(EventBusName=bus.name, NamePrefix=bus.prefix)["Rules"]
    queues = bus.sqs.list_queues(QueueNamePrefix=bus.prefix).get("QueueUrls", [])
    return [rule["Name"] for rule in rules] + [url.rpartition("/")[2] for url in queues]


def publish(stack: Stack, detail_type: str, order_id: str) -> None:
    """Publish what no function consumes."""
    bus = Bus.of(stack)
    detail = json.dumps({"orderId": order_id})
    bus.events.put_events(
        Entries=[{"EventBusName": bus.name, "Source": Saga.source, "DetailType": detail_type, "Detail": detail}]
    )


def placed(stack: Stack, name: str, key: str | None = None) -> str:
    """Place a trigger's order and follow it to its end; return its id."""
    answer = api.place(stack, TRIGGERS[name].body, {"Idempotency-Key": key} if key else None)
    order_id: str = answer.json()["orderId"]
    follow(order_id, stack)
    return order_id


def test_an_orders_events_are_shown_in_the_flows_order_and_no_other_orders(stack: Stack, watch: Start) -> None:
    stock.shelves(stack).put_item(Item={"sku": "BOOK", "available": 5})
    key = str(uuid4())
    order_id = OrderIds.of(TRIGGERS["undeliverable"].body["customerId"], key).own
    watching = watch("--order", order_id, "--count", "6")
    other = placed(stack, "happy")
    assert placed(stack, "undeliverable", key) == order_id
    assert watching.ended() == 0
    shown = [line.split(maxsplit=3)[1:3] for line in watching.lines]
    assert shown == [
        [order_id[:8], event]
        for event in (
            "OrderCreated",
            "InventoryReserved",
            "PaymentCharged",
            "ShippingFailed",
            "PaymentRefunded",
            "InventoryReleased",
        )
    ]
    assert 'failureReason="address undeliverable"' in watching.lines[3]
    assert other[:8] not in watching.printed.read_text()
    assert left_behind(stack) == []


def test_of_all_events_those_that_are_named_are_printed_as_json_for_a_pipe(stack: Stack, watch: Start) -> None:
    stock.shelves(stack).put_item(Item={"sku": "BOOK", "available": 5})
    watching = watch("--json", "--event", "InventoryFailed,ShippingScheduled")
    refused, shipped = placed(stack, "out-of-stock"), placed(stack, "happy")
    # The sagas of two orders run beside each other: either may end first.
    ended = {("InventoryFailed", refused), ("ShippingScheduled", shipped)}
    assert wait_for(lambda: all(order_id in watching.printed.read_text() for _, order_id in ended), seconds=PATIENCE)
    shown = [(event["detail-type"], event["detail"]["orderId"]) for event in watching.envelopes]
    assert sorted(shown) == sorted(ended)
    assert {event["source"] for event in watching.envelopes} == {Saga.source}


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_watch_that_is_told_to_end_leaves_nothing_behind(stack: Stack, watch: Start, ending: signal.Signals) -> None:
    watching = watch()
    assert len(left_behind(stack)) == 2
    watching.process.send_signal(ending)
    assert watching.ended() == 0
    assert left_behind(stack) == []
    assert watching.notices.splitlines()[1:] == []
    assert watching.lines == []


def test_a_watch_whose_reader_is_gone_ends_and_leaves_nothing_behind(stack: Stack, watch: Start) -> None:
    reader, writer = os.pipe()
    watching = watch(printed=writer)
    os.close(writer)
    os.close(reader)
    publish(stack, "InventoryFailed", "read-by-nobody")
    assert watching.ended() == 0
    assert left_behind(stack) == []
    assert watching.notices.splitlines()[1:] == []


@pytest.mark.slow
def test_what_a_killed_watch_left_is_removed_by_one_of_the_next_day(stack: Stack, watch: Start) -> None:
    killed = watch()
    killed.process.kill()
    killed.ended()
    (today, _) = left_behind(stack)
    yesterday = Tap(Bus.of(stack), "order-saga-local-watch-20200101T000000-abcd")
    yesterday.open(pattern_of())
    later = watch("--seconds", "1")
    assert later.ended() == 0
    assert later.notices.splitlines()[0] == f"removed what killed watches had left behind: {yesterday.name}"
    assert left_behind(stack) == [today, today]
