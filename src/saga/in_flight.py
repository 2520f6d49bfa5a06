"""The in-flight index: the orders that have not reached a final status, oldest first.

The index is sparse, for an order leaves it with its last status, and it is sharded, so that no partition is hot. Its
keys never change while an order is in flight: a step's write costs nothing there.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from pydantic import ValidationError

from saga.aws import dynamodb
from saga.clock import iso
from saga.item import from_item, to_item
from saga.observability import logger, metrics
from saga.order import Order
from saga.orders_table import SHARDS
from saga.settings import settings

INDEX = "InFlight"
PAGE = 100
"""Orders read at once (Amazon DynamoDB API Reference, "BatchGetItem")."""


def created_before(time: datetime, first_shard: int = 0) -> Iterator[list[Order]]:
    """Give the orders in flight that were created before `time`, page by page, shard by shard from `first_shard` on.

    Records are read consistently, so one that was finished meanwhile tells so. Keys that DynamoDB leaves unprocessed
    under load are passed over: whoever asks comes back. A record that cannot be read is counted and passed over.
    """
    table = settings().orders_table_name
    for shard in range(first_shard, first_shard + SHARDS):
        pages = (
            dynamodb()
            .get_paginator("query")
            .paginate(
                TableName=table,
                IndexName=INDEX,
                KeyConditionExpression="inFlight = :shard AND createdAt < :time",
                ExpressionAttributeValues=to_item({":shard": str(shard % SHARDS), ":time": iso(time)}),
                ProjectionExpression="orderId",
                PaginationConfig={"PageSize": PAGE},
            )
        )
        for page in pages:
            if page["Items"]:
                found = dynamodb().batch_get_item(RequestItems={table: {"Keys": page["Items"], "ConsistentRead": True}})
                yield list(_readable(found["Responses"][table]))


def count_unreadable(order_id: str, reason: str) -> None:
    """Count a record that makes no event, and tell which and why; its values are a customer's and stay out of it."""
    metrics.add_metric(name="UnreadableRecords", unit=MetricUnit.Count, value=1)
    logger.error("unreadable record", extra={"orderId": order_id, "reason": reason})


def _readable(items: Iterable[Mapping[str, Any]]) -> Iterator[Order]:
    for values in map(from_item, items):
        try:
            yield Order.from_item(values)
        except ValidationError as error:
            wrong = ", ".join(".".join(map(str, fault["loc"])) for fault in error.errors())
            count_unreadable(str(values["orderId"]), f"the record's {wrong} cannot be read")
