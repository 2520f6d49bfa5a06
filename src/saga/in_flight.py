"""The in-flight index: the orders that have not reached a final status, oldest first.

The index is sparse, for an order leaves it with its last status, and it is sharded, so that no partition is hot. Its
keys never change while an order is in flight: a step's write costs nothing there.
"""

from collections.abc import Iterator
from datetime import datetime

from saga.aws import dynamodb
from saga.clock import iso
from saga.order import Order
from saga.orders_table import SHARDS, from_item, to_item
from saga.settings import settings

INDEX = "InFlight"
PAGE = 100
"""Orders read at once (Amazon DynamoDB API Reference, "BatchGetItem")."""


def created_before(time: datetime, first_shard: int = 0) -> Iterator[list[Order]]:
    """Give the orders in flight that were created before `time`, page by page, shard by shard from `first_shard` on.

    Records are read consistently, so one that was finished meanwhile tells so. Keys that DynamoDB leaves unprocessed
    under load are passed over: whoever asks comes back.
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
                yield [Order.from_item(from_item(item)) for item in found["Responses"][table]]
