"""One function with one event on the deployed stack: its order moves, and goes on from there."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.unit.fake_docker import FakeDocker
from tests.unit.fake_docker import docker as docker  # noqa: PLC0414  a fixture
from tests.unit.stories import HAPPY, UNDELIVERABLE, Story, Told
from tests.unit.world import envelope
from tools.base.problem import ProblemError
from tools.base.stack import Stack
from tools.base.transitions import is_path
from tools.emulator.port_forwarding import HOST
from tools.invoking import invocation, running
from tools.invoking.samples import choose
from tools.project.choreography.flow import Flow
from tools.shop import api, seed, stock

FLOW = Flow.of_this_project()
Invoke = Callable[..., str]
"""Runs the deployed function with an event of an order, and gives what a person reads."""


@pytest.fixture
def invoke(stack: Stack, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Invoke:
    def run(told: Told, event: str, *, anew: bool = False, prepare: bool = True) -> str:
        file = tmp_path / f"{event}.json"
        file.write_text(json.dumps(envelope(event, told.detail(event))))
        call = choose(FLOW, None, str(file))
        capsys.readouterr()
        with running.deployed(stack, call.function) as deployed:
            invocation.invoke(stack, call, deployed, prepare=prepare, anew=anew)
        return capsys.readouterr().out

    return run


@contextmanager
def order(stack: Stack, story: Story) -> Iterator[Told]:
    """Yield an order that nobody knows yet, with a sku of its own, and remove what became of it."""
    told = Told(story)
    yield told
    stack.records.delete_item(Key={"orderId": told.order_id})
    stock.shelves(stack).delete_item(Key={"sku": told.sku})


def statuses(record: dict[str, Any]) -> list[str]:
    return [change["status"] for change in record["history"]]


def test_an_order_that_nobody_knows_is_put_there_moves_and_goes_on_to_its_end(stack: Stack, invoke: Invoke) -> None:
    with order(stack, HAPPY) as told:
        said = invoke(told, "OrderCreated")
        record = api.get(stack, told.order_id)
        shelf = stock.shelves(stack).get_item(Key={"sku": told.sku})["Item"]["available"]
    assert f"stored order {told.order_id} as it is after OrderCreated" in said
    assert f"delivery: first; order {told.order_id}: CREATED → INVENTORY_RESERVED" in said
    assert '"reservationId"' in said.partition("published InventoryReserved")[2].partition("}")[0]
    assert statuses(record) == ["CREATED", "INVENTORY_RESERVED", "PAYMENT_CHARGED", "SHIPPING_SCHEDULED"]
    assert shelf == seed.PIECES - told.quantity


@pytest.mark.slow
def test_in_the_middle_of_a_saga_an_order_is_put_there_with_all_that_came_before(stack: Stack, invoke: Invoke) -> None:
    with order(stack, UNDELIVERABLE) as told:
        said = invoke(told, "ShippingFailed")
        record = api.get(stack, told.order_id)
    assert "SHIPPING_FAILED → PAYMENT_REFUNDED" in said
    assert statuses(record)[:4] == ["CREATED", "INVENTORY_RESERVED", "PAYMENT_CHARGED", "SHIPPING_FAILED"]
    assert is_path(statuses(record))
    assert record["status"] == "INVENTORY_RELEASED"


@pytest.mark.slow
def test_the_second_time_nothing_changes_and_anew_it_all_happens_again(stack: Stack, invoke: Invoke) -> None:
    with order(stack, HAPPY) as told:
        invoke(told, "InventoryReserved")
        record = api.get(stack, told.order_id)
        said = invoke(told, "InventoryReserved")
        assert "delivery: stale; ChargePayment had nothing to do, the order is SHIPPING_SCHEDULED" in said, said
        assert "ANEW=yes" in said
        assert api.get(stack, told.order_id) == record
        assert "INVENTORY_RESERVED → PAYMENT_CHARGED" in invoke(told, "InventoryReserved", anew=True)
        assert api.get(stack, told.order_id)["createdAt"] > record["createdAt"]


def test_where_it_is_not_allowed_no_order_is_made_up(stack: Stack, invoke: Invoke) -> None:
    told = Told(HAPPY)
    with pytest.raises(ProblemError, match=f"has no order {told.order_id}.*add PREPARE=yes"):
        invoke(told, "OrderCreated", prepare=False)
    assert "Item" not in stack.records.get_item(Key={"orderId": told.order_id}, ConsistentRead=True)


def test_a_function_that_fails_shows_its_log_and_says_why(
    stack: Stack, invoke: Invoke, capsys: pytest.CaptureFixture[str]
) -> None:
    with order(stack, HAPPY) as told:
        invoke(told, "PaymentCharged")
        contradiction = Told(UNDELIVERABLE, told.order_id, told.sku)
        with pytest.raises(ProblemError, match=r"RefundPayment failed.*is not in its history"):
            invoke(contradiction, "ShippingFailed")
    assert "ContradictoryEventError" in capsys.readouterr().out


@pytest.mark.parametrize(("sample", "answer"), [("get-order", '"statusCode": 404'), ("recover-orders", '"complete"')])
def test_what_tells_of_no_event_shows_its_answer(
    stack: Stack, sample: str, answer: str, capsys: pytest.CaptureFixture[str]
) -> None:
    call = choose(FLOW, None, f"events/{sample}.json")
    with running.deployed(stack, call.function) as deployed:
        invocation.invoke(stack, call, deployed, prepare=True)
    assert answer in capsys.readouterr().out


def test_a_container_gets_the_deployed_functions_variables_and_a_way_to_the_emulator(
    stack: Stack, docker: FakeDocker
) -> None:
    docker.answer("network inspect bridge", output=json.dumps([{"Subnet": "127.0.0.0/8", "Gateway": "127.0.0.1"}]))
    with running.ready(stack, ["CreateOrder", "GetOrder"]) as words:
        variables = json.loads(Path(words[words.index("--env-vars") + 1]).read_text())
        endpoint = variables["GetOrder"]["AWS_ENDPOINT_URL"]
        through = stack.target.model_copy(update={"endpoint": endpoint.replace(HOST, "127.0.0.1")})
        assert Stack.of(through).outputs == stack.outputs
    assert variables.keys() == {"CreateOrder", "GetOrder"}
    for given in variables.values():
        assert given["RECORDS_TABLE_NAME"] == stack.output("OrdersTableName")
        assert given["EVENT_BUS_NAME"] == stack.output("EventBusName")
    assert f'AwsEndpointUrl="{endpoint}"' in words
    assert f"--add-host {HOST}:host-gateway" in " ".join(words)


def test_without_docker_it_says_so_and_offers_the_deployed_function(
    stack: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with (
        pytest.raises(
            ProblemError, match=r"no `docker` command: install Docker, or use `make invoke-remote`"
        ) as problem,
        running.in_container(stack, "ReserveInventory"),
    ):
        pass
    assert "\n" not in str(problem.value)


def test_a_function_that_the_parameters_leave_out_is_told_in_one_line(stack: Stack) -> None:
    with pytest.raises(
        ProblemError, match=r"^the stack order-saga-local has no ReceivePaymentHint: with its parameters"
    ):
        stack.physical_id("ReceivePaymentHint")
