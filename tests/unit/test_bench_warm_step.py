"""What the measurement of warm steps calls, takes apart, computes and tells."""

import json
import re
from collections.abc import Iterator
from typing import Any, cast

import pytest

from bench import warm_step
from bench.section import Section
from bench.stub import EVENT_ID, answer_at_once, calls_of
from bench.warm_step import FUNCTIONS, Times, in_turns, microseconds, pieces, sample, section
from saga import aws
from saga.settings import settings
from tests.unit.moto_stack import Log

ENTRY = {"EventBusName": "bus", "Source": "order-saga", "DetailType": "OrderCreated", "Detail": "{}"}
WRITE = {"Delete": {"TableName": "orders", "Key": {"orderId": {"S": "1"}}}}
TIME = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z")
NAMES = sorted(FUNCTIONS)


@pytest.fixture(autouse=True)
def _answered_at_once(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Clients that are this test's own: other tests' clients belong to moto."""
    caches = (settings, aws.dynamodb, aws.events)
    for cached in caches:
        cached.cache_clear()
    for name in ("AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    answer_at_once(aws.dynamodb())
    answer_at_once(aws.events())
    yield
    for cached in caches:
        cached.cache_clear()


def apart(name: str) -> Any:
    handler, file = FUNCTIONS[name]
    return pieces(handler, sample(file))


def called(run: Any) -> list[tuple[str, dict[str, Any]]]:
    return [(call.operation, call.arguments) for call in calls_of(run, aws.dynamodb(), aws.events())]


def test_a_call_is_answered_without_a_network() -> None:
    assert aws.events().put_events(Entries=[ENTRY])["Entries"] == [{"EventId": EVENT_ID}]  # type: ignore[list-item]
    answer = aws.dynamodb().put_item(TableName="orders", Item={"orderId": {"S": "1"}})
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200


def test_a_call_that_is_repeated_is_the_same_call() -> None:
    def run() -> None:
        aws.events().put_events(Entries=[ENTRY])  # type: ignore[list-item]
        aws.dynamodb().transact_write_items(TransactItems=[WRITE])  # type: ignore[list-item]

    first = calls_of(run, aws.dynamodb(), aws.events())
    again = called(lambda: [call.repeat() for call in first])
    assert again == [("PutEvents", {"Entries": [ENTRY]}), ("TransactWriteItems", {"TransactItems": [WRITE]})]


@pytest.mark.parametrize("name", NAMES)
def test_the_baseline_makes_the_two_calls_of_the_handler(name: str) -> None:
    function = apart(name)
    handler, baseline = called(function["handler"]), called(function["calls"])
    assert [operation for operation, _ in baseline][1:] == ["PutEvents"]
    # The times of a write are those of the moment.
    assert TIME.sub("then", json.dumps(baseline)) == TIME.sub("then", json.dumps(handler))


@pytest.mark.parametrize("name", NAMES)
def test_the_log_and_the_metrics_are_what_the_handler_writes_in_one_line(name: str, log: Log) -> None:
    function = apart(name)
    function["handler"]()
    (whole,) = log.lines[-1:]
    before = len(log.lines)
    function["log"]()
    (line,) = log.lines[before:]
    metrics = json.loads(cast("str", function["metrics"]()))
    assert sorted(line.keys() | metrics.keys()) == sorted(whole)
    assert metrics.keys() - line.keys()
    assert metrics["_aws"]["CloudWatchMetrics"] == whole["_aws"]["CloudWatchMetrics"]


@pytest.mark.parametrize("name", NAMES)
def test_neither_a_decision_nor_parsing_calls_aws(name: str) -> None:
    function = apart(name)
    assert called(function["decision"]) == called(function["parsing"]) == []


def test_pieces_take_turns_backwards_and_forwards() -> None:
    ran = list[str]()
    functions = {name: {piece: lambda it=name + piece: ran.append(it) for piece in "12"} for name in "AB"}
    took = in_turns(functions, 2)
    assert ran == ["B2", "B1", "A2", "A1", "A1", "A2", "B1", "B2"]
    assert {name: {piece: len(times) for piece, times in found.items()} for name, found in took.items()} == {
        "A": {"1": 2, "2": 2},
        "B": {"1": 2, "2": 2},
    }


def times(handler: int) -> Times:
    """Times of a function whose handler takes so many microseconds: 100, ten of them, and a slow one."""
    took = {"handler": handler, "calls": 1_000, "decision": 50, "parsing": 20, "log": 200, "metrics": 100}
    return {piece: [*[each * 1_000] * 10, each * 9_000] for piece, each in took.items()}


def test_the_wrapper_is_what_neither_the_calls_nor_the_decision_take() -> None:
    found = microseconds(times(1_500))
    assert (found["handler"], found["calls"], found["ratio"]) == (1_500, 1_000, 1.5)
    assert (found["wrapper"], found["remains"]) == (450, 130)
    assert found["p95"] > found["handler"]


def told(handler: int) -> Section:
    return section({"ReserveInventory": times(1_500), "ChargePayment": times(handler)}, rounds=11)


@pytest.mark.parametrize(("handler", "met"), [(2_049, True), (2_050, False)])
def test_the_goal_is_met_if_the_slowest_wrapper_takes_less_than_a_millisecond(handler: int, met: bool) -> None:  # noqa: FBT001
    (goal,) = told(handler).goals
    assert goal.met is met
    assert goal.found == f"{handler - 1_050} µs at the most, in ChargePayment"


def test_every_row_has_a_cell_for_each_column_and_the_figures_are_json() -> None:
    found = told(1_800)
    for table in found.tables.values():
        assert {len(row) for row in table.rows} == {len(table.columns)}
    assert json.loads(json.dumps(found.figures))["warmStep"]["microseconds"]["ChargePayment"]["wrapper"] == 750


def test_every_function_that_writes_is_measured() -> None:
    assert set(FUNCTIONS) == {
        "CreateOrder",
        "ReserveInventory",
        "ChargePayment",
        "ConfirmPayment",
        "NotifyShipping",
        "RefundPayment",
        "ReleaseInventory",
    }
    assert set(warm_step.PARTS) < set(apart("CreateOrder"))
