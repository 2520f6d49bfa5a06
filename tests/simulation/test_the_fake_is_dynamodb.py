"""The simulated DynamoDB answers what another implementation answers to the very calls that the handlers make."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws
from mypy_boto3_dynamodb import DynamoDBClient

from tests.simulation.deployment import deployment
from tests.simulation.dynamodb import FakeDynamoDB
from tests.simulation.expressions import UnsupportedExpressionError
from tests.simulation.faulty_wire import Fault
from tests.simulation.matrix import Mode, Row, run_recovery, run_step, steps
from tests.simulation.shop import BRANCHES, WORLD
from tests.simulation.simulated_world import SimulatedWorld
from tests.slow import slow_but_for
from tools.base.events import FIRST, KEY

ROWS = [
    Row(BRANCHES[0], Mode.FIRST, "POST", call=1, fault=Fault.REPEATED),
    *(Row(branch, Mode.OVERDUE_DUPLICATE, FIRST.detail_type, call=1, fault=Fault.REPEATED) for branch in BRANCHES),
    *(Row(branch, Mode.DUPLICATE, steps(branch)[-1], call=1, fault=Fault.REPEATED) for branch in BRANCHES),
]
AN_UPDATE: dict[str, Any] = {
    "TableName": deployment().records,
    "Key": {KEY: {"S": "key"}},
    "UpdateExpression": "SET available = available - :quantity",
    "ConditionExpression": "available >= :quantity",
    "ExpressionAttributeValues": {":quantity": {"N": "1"}},
}
WRONG_UPDATES: dict[str, dict[str, Any]] = {
    "a value nobody uses": {"ExpressionAttributeValues": {":quantity": {"N": "1"}, ":other": {"N": "2"}}},
    "a name nobody uses": {"ExpressionAttributeNames": {"#other": "other"}},
    "a value nobody gave": {"UpdateExpression": "SET available = available - :other"},
    "an attribute the item lacks": {"UpdateExpression": "SET available = missing - :quantity"},
    "a text taken from a number": {
        "UpdateExpression": "SET available = available - :text",
        "ExpressionAttributeValues": {":quantity": {"N": "1"}, ":text": {"S": "one"}},
    },
}


@pytest.fixture
def moto(monkeypatch: pytest.MonkeyPatch) -> Iterator[DynamoDBClient]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "simulation")
    with mock_aws():
        client = boto3.client("dynamodb", region_name="eu-west-1")
        for name, table in deployment().tables.items():
            client.create_table(TableName=name, **table.definition)
        yield client


@pytest.mark.parametrize(
    "row",
    slow_but_for(ROWS, quick=1 + len(BRANCHES)),
    ids=lambda row: f"{row.branch.name}, {row.mode} of {row.consumed}",
)
def test_each_call_of_the_handlers_is_answered_alike(row: Row, moto: DynamoDBClient) -> None:
    world, _ = run_step(row)
    _fill(moto, world)

    for exchange in world.dynamodb.exchanges:
        assert _ask(moto, exchange.method, exchange.arguments) == _consumed(exchange.answer, exchange.error)
    assert _tables(moto) == world.dynamodb.items


def test_each_call_of_recovery_is_answered_alike(moto: DynamoDBClient) -> None:
    world, _ = run_recovery(Row(BRANCHES[0], Mode.DUPLICATE, steps(BRANCHES[0])[-1]))
    _fill(moto, world)

    for exchange in world.dynamodb.exchanges:
        assert _ask(moto, exchange.method, exchange.arguments) == _consumed(exchange.answer, exchange.error)
    assert {exchange.method for exchange in world.dynamodb.exchanges} >= {"query", "batch_get_item"}


@pytest.mark.parametrize("wrong", WRONG_UPDATES.values(), ids=WRONG_UPDATES)
def test_a_wrong_update_is_refused_alike(wrong: dict[str, Any], moto: DynamoDBClient) -> None:
    world = _with_three()
    _fill(moto, world)
    update = AN_UPDATE | wrong

    answer = _ask(moto, "update_item", update)

    assert answer["code"] == "ValidationException"
    assert _ask(world.dynamodb, "update_item", update) == answer
    assert _tables(moto) == world.dynamodb.items


@pytest.mark.parametrize("condition", ["contains(status, :quantity)", "NOT available >= :quantity", "?"])
def test_an_expression_that_the_fake_does_not_know_is_an_error_and_no_guess(condition: str) -> None:
    with pytest.raises(UnsupportedExpressionError):
        _with_three().dynamodb.update_item(**AN_UPDATE | {"ConditionExpression": condition})


def _fill(moto: DynamoDBClient, world: SimulatedWorld) -> None:
    for table, item in world.dynamodb.at_start:
        moto.put_item(TableName=table, Item=item)


def _with_three() -> SimulatedWorld:
    world = SimulatedWorld(**WORLD)
    world.dynamodb.put_at_start(deployment().records, {KEY: {"S": "key"}, "available": {"N": "3"}})
    return world


def _ask(client: DynamoDBClient | FakeDynamoDB, method: str, arguments: dict[str, Any]) -> dict[str, Any]:
    answer: Any
    try:
        if method == "query":
            (answer,) = client.get_paginator("query").paginate(**arguments)
        else:
            answer = getattr(client, method)(**arguments)
    except ClientError as error:
        return _consumed(None, error)
    return _consumed(answer, None)


def _consumed(answer: dict[str, Any] | None, error: ClientError | None) -> dict[str, Any]:
    """Return what the saga may learn from an answer; the words of an error do not count."""
    if error is not None:
        response: Any = error.response
        reasons = [
            {name: reason.get(name) for name in ("Code", "Item")} for reason in response.get("CancellationReasons", [])
        ]
        return {
            "code": response["Error"]["Code"],
            "type": type(error).__name__,
            "item": response.get("Item"),
            "reasons": reasons,
        }
    consumed = {name: value for name, value in (answer or {}).items() if name in {"Item", "Items", "Responses"}}
    return {name: value for name, value in consumed.items() if value}


def _tables(moto: DynamoDBClient) -> dict[str, dict[str, Any]]:
    return {
        name: {item[table.key]["S"]: item for item in moto.scan(TableName=name)["Items"]}
        for name, table in deployment().tables.items()
    }
