"""The tables at scale answer what the simulation's DynamoDB answers, which is compared with another implementation."""

from typing import Any

import pytest
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.exceptions import ClientError

from tests.simulation.deployment import deployment
from tests.simulation.dynamodb import UnsupportedCallError
from tests.simulation.matrix import Mode, Row, run_recovery, run_step, steps
from tests.simulation.outage.event_loop import LoopClock
from tests.simulation.outage.tables import LargeDynamoDB, deserialized, serialized
from tests.simulation.shop import BRANCHES
from tests.simulation.simulated_world import SimulatedWorld


@pytest.mark.parametrize("branch", BRANCHES, ids=lambda branch: branch.name)
def test_each_call_of_the_handlers_is_answered_alike(branch: Any) -> None:
    world, _ = run_step(Row(branch, Mode.DUPLICATE, steps(branch)[-1]))
    tables = answering_alike(world)
    assert tables.items == world.dynamodb.items


def test_each_call_of_recovery_is_answered_alike() -> None:
    world, _ = run_recovery(Row(BRANCHES[0], Mode.DUPLICATE, steps(BRANCHES[0])[-1]))
    answering_alike(world)
    assert {exchange.method for exchange in world.dynamodb.exchanges} >= {"query", "batch_get_item"}


def answering_alike(world: SimulatedWorld) -> LargeDynamoDB:
    tables = LargeDynamoDB(LoopClock(), deployment().tables)
    for table, item in world.dynamodb.at_start:
        tables.put_at_start(table, item)
    for exchange in world.dynamodb.exchanges:
        assert asked(tables, exchange.method, exchange.arguments) == (exchange.answer, told(exchange.error))
    return tables


def asked(tables: LargeDynamoDB, method: str, arguments: dict[str, Any]) -> tuple[Any, Any]:
    try:
        if method == "query":
            (page,) = tables.paginate(**arguments)
            return page, None
        return getattr(tables, method)(**arguments), None
    except ClientError as error:
        return None, told(error)


def told(error: ClientError | None) -> Any:
    return error and (type(error).__name__, error.response)


def test_an_index_is_read_in_the_order_of_its_sort_key_page_by_page() -> None:
    table, tables = deployment().records, LargeDynamoDB(LoopClock(), deployment().tables)
    key = deployment().tables[table].key
    for number in (3, 1, 2, 5, 4):
        item = {key: {"S": f"key-{number}"}, "inFlight": {"S": "7"}, "createdAt": {"S": f"2026-03-0{number}"}}
        tables.put_at_start(table, item)
    tables.put_at_start(table, {key: {"S": "key-2"}, "createdAt": {"S": "2026-03-02"}})
    query: dict[str, Any] = {
        "TableName": table,
        "IndexName": "InFlight",
        "KeyConditionExpression": "inFlight = :shard AND createdAt < :time",
        "ExpressionAttributeValues": {":shard": {"S": "7"}, ":time": {"S": "2026-03-05"}},
        "ProjectionExpression": key,
        "PaginationConfig": {"PageSize": 2},
    }
    pages = [[item[key]["S"] for item in page["Items"]] for page in tables.paginate(**query)]
    assert pages == [["key-1", "key-3"], ["key-4"]]
    with pytest.raises(UnsupportedCallError):
        list(tables.paginate(**query | {"KeyConditionExpression": "inFlight = :shard"}))


@pytest.mark.parametrize("value", ["text", 3, True, None, [1, {"a": "b"}], {"a": [None, 2]}])
def test_a_value_is_serialized_as_boto3_does(value: Any) -> None:
    assert serialized(value) == TypeSerializer().serialize(value)


@pytest.mark.parametrize("value", ["text", 3, True, None, [1, {"a": "b"}], {"a": [None, 2]}, {"1", "2"}])
def test_a_value_is_deserialized_as_boto3_does(value: Any) -> None:
    attribute: Any = TypeSerializer().serialize(value)
    assert deserialized(attribute) == TypeDeserializer().deserialize(attribute)
