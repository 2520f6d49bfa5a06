"""`sam local` as it is typed: functions run in Lambda's image, and their orders on the emulator."""

import json
import os
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from tests.e2e.somebody_at_aws import Terminal, at_a_terminal
from tools.base.ports import free_port
from tools.base.stack import Stack
from tools.base.waiting import wait_for
from tools.emulator import docker
from tools.operating.following import follow
from tools.shop import seed
from tools.shop.ways import TRIGGERS

SAMPLE = "fa6b34e3-7dde-5999-be83-5516dc8dd193"
"""The order of events/, which follows from the idempotency key in events/create-order.json."""
PATIENCE = 60


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    docker.require("run `make test`, which needs none")
    with at_a_terminal(tmp_path_factory.mktemp("docker"), None) as terminal:
        terminal.succeeds("sam build")
        terminal.succeeds("samlocal deploy")
        seed.seed(terminal.stack)
        yield terminal


@pytest.fixture
def stack(terminal: Terminal) -> Iterator[Stack]:
    """The stack, in which nobody knows the sample order."""
    stack = terminal.stack
    stack.records.delete_item(Key={"orderId": SAMPLE})
    before = _containers()
    yield stack
    assert _containers() <= before


def statuses(record: dict[str, Any]) -> list[str]:
    return [change["status"] for change in record["history"]]


def _containers() -> set[str]:
    """Return the containers of Lambda's image that there are."""
    listed = subprocess.run(
        ["docker", "ps", "--all", "--format", "{{.Image}} {{.ID}}"], capture_output=True, text=True, check=True
    )
    return {line for line in listed.stdout.splitlines() if "lambda/python" in line}


def test_the_first_function_places_an_order_that_the_deployed_ones_take_to_its_end(
    terminal: Terminal, stack: Stack
) -> None:
    said = json.loads(terminal.succeeds("sam local invoke CreateOrder -e events/create-order.json"))
    assert (said["statusCode"], json.loads(said["body"])) == (201, {"orderId": SAMPLE, "status": "CREATED"})
    assert follow(SAMPLE, stack)["status"] == "SHIPPING_SCHEDULED"


def test_a_step_moves_the_order_of_a_sample_event_and_the_deployed_ones_go_on(terminal: Terminal, stack: Stack) -> None:
    typed = re.findall(r"sam local invoke \S+ -e \S+", terminal.succeeds("make sample EVENT=OrderCreated"))
    assert typed == ["sam local invoke ReserveInventory -e .local/events/order-created.json"]
    said = json.loads(terminal.succeeds(typed[0]))
    assert (said["delivery"], said["published"]) == ("first", "InventoryReserved")
    record = follow(SAMPLE, stack)
    assert statuses(record) == ["CREATED", "INVENTORY_RESERVED", "PAYMENT_CHARGED", "SHIPPING_SCHEDULED"]
    again = json.loads(terminal.succeeds(typed[0]))
    assert again["delivery"] == "stale"
    assert follow(SAMPLE, stack) == record


def test_a_sample_as_it_lies_is_months_old_and_its_order_is_given_up(terminal: Terminal, stack: Stack) -> None:
    terminal.succeeds("make sample EVENT=OrderCreated")
    said = json.loads(terminal.succeeds("sam local invoke ReserveInventory -e events/order-created.json"))
    assert (said["delivery"], said["published"]) == ("first", "InventoryFailed")
    record = follow(SAMPLE, stack)
    assert (record["status"], record["failureReason"]) == ("INVENTORY_FAILED", "timed out")


def test_of_a_function_that_fails_sam_local_invoke_ends_well_and_make_does_not(
    terminal: Terminal, stack: Stack
) -> None:
    unknown = terminal.copy.write_event_of_nobody("unknown.json")
    said = json.loads(terminal.succeeds("sam local invoke ReserveInventory -e unknown.json"))
    assert (said["errorType"], said["errorMessage"]) == ("UnknownKeyError", f"there is no record of {unknown}")
    terminal.succeeds("sam local invoke CreateOrder -e events/create-order.json")
    assert follow(SAMPLE, stack)["status"] == "SHIPPING_SCHEDULED"
    by_make = terminal.types("make invoke EVENT=ShippingFailed")
    assert by_make.returncode != 0
    assert "RefundPayment failed, its log is above: ContradictoryEventError" in by_make.stderr


def test_make_invoke_moves_an_order(terminal: Terminal, stack: Stack) -> None:
    printed = terminal.succeeds("make invoke FUNCTION=ReserveInventory")
    assert "CREATED → INVENTORY_RESERVED" in printed
    assert follow(SAMPLE, stack)["status"] == "SHIPPING_SCHEDULED"


@pytest.mark.parametrize(
    ("command", "up"),
    [
        ("sam local start-api --port {port}", "Running on"),
        ("make start-api API_PORT={port}", "containers serve the API"),
    ],
)
def test_the_api_served_from_containers_takes_an_order_that_goes_to_its_end(
    terminal: Terminal, stack: Stack, command: str, up: str
) -> None:
    port = free_port()
    with served(terminal, command.format(port=port), up):
        answer = httpx.post(f"http://127.0.0.1:{port}/orders", json=TRIGGERS["decline"].body, timeout=PATIENCE)
        assert answer.status_code == 201, answer.text
        record = follow(answer.json()["orderId"], stack)
        assert (record["status"], record["failureReason"]) == ("INVENTORY_RELEASED", "card declined")
        shown = httpx.get(f"http://127.0.0.1:{port}/orders/{answer.json()['orderId']}", timeout=PATIENCE)
        assert shown.json()["status"] == "INVENTORY_RELEASED"


@contextmanager
def served(terminal: Terminal, command: str, up: str) -> Iterator[None]:
    """Run a command until the block is left, which begins once `up` was printed; it ends as with Ctrl-C."""
    printed = terminal.copy.root.with_name("served")
    with printed.open("wb") as into:
        process = terminal.starts(command, into)
        try:
            wait_for(lambda: up in printed.read_text() or process.poll() is not None, seconds=PATIENCE)
            assert process.poll() is None, printed.read_text()
            yield
        finally:
            if process.poll() is None:
                # A terminal sends it to all that it runs in the foreground.
                os.killpg(process.pid, signal.SIGINT)
            process.wait(PATIENCE)
