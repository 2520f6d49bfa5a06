"""The in-flight index: the sagas that have not ended, oldest first.

The index is sparse, for a record leaves it with its last status, and it is sharded, so that no partition is hot. Its
keys never change while a saga is in flight: a step's write costs nothing there.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from saga.aws import dynamodb
from saga.clock import iso
from saga.event import Event
from saga.record import Record
from saga.settings import settings
from saga.table import SHARDS, from_item, to_item
from saga.telemetry import Line, count, log

INDEX = "InFlight"
PAGE = 100
"""Records read at once (Amazon DynamoDB API Reference, "BatchGetItem")."""


def created_before(time: datetime, root: type[Event], first_shard: int = 0) -> Iterator[list[Record]]:
    """Yield the sagas in flight that began before `time`, page by page, shard by shard from `first_shard` on.

    Records are read consistently: one that ended meanwhile has its final status. Keys that DynamoDB leaves unprocessed
    under load are skipped: the next run reads them. A record that cannot be read is counted and skipped.
    """
    table = settings().records_table_name
    for shard in range(first_shard, first_shard + SHARDS):
        pages = (
            dynamodb()
            .get_paginator("query")
            .paginate(
                TableName=table,
                IndexName=INDEX,
                KeyConditionExpression="inFlight = :shard AND createdAt < :time",
                ExpressionAttributeValues=to_item({":shard": str(shard % SHARDS), ":time": iso(time)}),
                ProjectionExpression=root.key_name,
                PaginationConfig={"PageSize": PAGE},
            )
        )
        for page in pages:
            if page["Items"]:
                found = dynamodb().batch_get_item(RequestItems={table: {"Keys": page["Items"], "ConsistentRead": True}})
                yield list(_readable(found["Responses"][table], root))


def count_unreadable(key_name: str, key: str, reason: str) -> None:
    """Count a record that makes no event, and log which and why, but none of its values: they may be personal data."""
    count("UnreadableRecords")
    log(Line.UNREADABLE_RECORD, **{key_name: key}, reason=reason)


def _readable(items: Iterable[Mapping[str, Any]], root: type[Event]) -> Iterator[Record]:
    for values in map(from_item, items):
        try:
            yield Record.from_item(values, root)
        except ValidationError as error:
            wrong = ", ".join(".".join(map(str, fault["loc"])) for fault in error.errors())
            count_unreadable(root.key_name, str(values[root.key_name]), f"the record's {wrong} cannot be read")
