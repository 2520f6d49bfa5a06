"""A debugger stops in a function of the emulator, steps and reads variables, and the order goes on."""

import os
from typing import Any

import pytest

from tests.e2e import dap
from tools.base.ports import free_port
from tools.base.problem import ProblemError
from tools.base.stack import Stack
from tools.base.waiting import wait_for
from tools.emulator.embedded import Emulator
from tools.invoking.debugging import debugged, source
from tools.operating.following import follow
from tools.operating.record import find
from tools.operating.recovery import recovery_function
from tools.shop import api, stock

FUNCTION = "ChargePayment"
LINE = "match gateway.charge("
"""Where the debugger stops: the provider has not been called yet."""


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def order_id(stack: Stack) -> str:
    """An order, placed while the function is debugged."""
    stock.shelves(stack).put_item(Item={"sku": "DEBUGGED", "available": 5})
    order = {"customerId": "CUST-1", "sku": "DEBUGGED", "quantity": 2, "amount": 4200}
    return str(api.place(stack, order).json()["orderId"])


def configuration(stack: Stack) -> tuple[int, dict[str, str], str]:
    """Return what is changed while a function is debugged: its timeout, its variables, and whether recovery runs."""
    client, events = stack.client("lambda"), stack.client("events")
    ours = client.get_function_configuration(FunctionName=stack.physical_id(FUNCTION))
    recovery = client.get_function_configuration(FunctionName=stack.physical_id(recovery_function()))
    (rule,) = events.list_rule_names_by_target(TargetArn=recovery["FunctionArn"])["RuleNames"]
    state: Any = events.describe_rule(Name=rule)["State"]
    return ours["Timeout"], ours["Environment"]["Variables"], state


def stopped(client: dap.Client, why: str) -> tuple[dict[str, Any], dict[str, str]]:
    """Wait until the function stops, for this reason; return where, and its local variables as text."""
    event = client.waits_for("stopped")
    assert event["reason"] == why
    (top,) = client.asks("stackTrace", threadId=event["threadId"], levels=1)["stackFrames"]
    scopes = client.asks("scopes", frameId=top["id"])["scopes"]
    (variables,) = [scope["variablesReference"] for scope in scopes if scope["name"] == "Locals"]
    found = client.asks("variables", variablesReference=variables)["variables"]
    return {"thread": event["threadId"]} | top, {each["name"]: each["value"] for each in found}


def status(stack: Stack, order_id: str) -> str:
    record = find(stack, order_id)
    return str(record["status"]) if record else ""


@pytest.mark.slow
def test_a_function_stops_at_a_breakpoint_and_steps_and_its_order_goes_on(
    stack: Stack, emulator: Emulator, port: int, request: pytest.FixtureRequest
) -> None:
    file = source(FUNCTION)
    (line,) = [number for number, text in enumerate(file.read_text().splitlines(), 1) if LINE in text]
    with debugged(stack, emulator, FUNCTION, port), dap.attached(port, {str(file): [line]}) as client:
        order_id = request.getfixturevalue("order_id")

        at, variables = stopped(client, "breakpoint")
        assert (at["source"]["path"], at["line"], at["name"]) == (str(file), line, "handler")
        assert order_id in variables["reserved"]
        assert status(stack, order_id) == "INVENTORY_RESERVED"

        client.asks("next", threadId=at["thread"])
        at, _ = stopped(client, "step")
        assert at["line"] > line

        client.asks("continue", threadId=at["thread"])
        assert follow(order_id, stack)["status"] == "SHIPPING_SCHEDULED"


@pytest.mark.slow
def test_the_function_is_as_it_was_afterwards(stack: Stack, emulator: Emulator, port: int) -> None:
    before = configuration(stack)
    with debugged(stack, emulator, FUNCTION, port):
        assert configuration(stack) == (900, before[1] | {"PROVIDER_TIMEOUT_SECONDS": "900"}, "DISABLED")
    assert configuration(stack) == before
    assert before[2] == "ENABLED"
    assert emulator.debugging.read() == {}


@pytest.mark.slow
def test_what_a_killed_one_left_is_put_back_by_the_next(stack: Stack, emulator: Emulator, port: int) -> None:
    before = configuration(stack)
    with pytest.MonkeyPatch.context() as killed, debugged(stack, emulator, FUNCTION, port):
        killed.setattr("tools.invoking.debugging._put_back", lambda *_: None)
        # As if it had been killed: its end puts nothing back, and its process is gone.
        gone = os.fork() or os._exit(0)
        os.waitpid(gone, 0)
        killed.setattr("os.getpid", lambda: gone)
        emulator.debugging.begin({name: value for name, value in emulator.debugging.read().items() if name != "owner"})
    assert configuration(stack)[0] == 900
    with debugged(stack, emulator, FUNCTION, free_port()):
        pass
    assert configuration(stack) == before


@pytest.mark.slow
def test_one_function_is_debugged_at_a_time(stack: Stack, emulator: Emulator, port: int) -> None:
    with (
        debugged(stack, emulator, FUNCTION, port),
        pytest.raises(ProblemError, match="ChargePayment is debugged already"),
        debugged(stack, emulator, "NotifyShipping", free_port()),
    ):
        pass


def test_a_function_that_is_not_there_is_named() -> None:
    with pytest.raises(ProblemError, match="there is no function ChargePaiment: choose one of CreateOrder, "):
        source("ChargePaiment")


@pytest.mark.slow
def test_orders_that_nobody_debugs_are_not_held_up(stack: Stack, emulator: Emulator, port: int, order_id: str) -> None:
    with debugged(stack, emulator, FUNCTION, port):
        assert wait_for(lambda: status(stack, order_id) == "SHIPPING_SCHEDULED", seconds=30)
