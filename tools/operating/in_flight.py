"""Reads all orders in flight, however many there are: by the index, and then record by record."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from contract import Saga
from saga.clock import iso, now
from saga.record import Record
from saga.table import SHARDS, from_item, to_item
from tools.base.events import KEY, RECORDS_TABLE
from tools.base.problem import ProblemError
from tools.base.stack import Stack

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import KeysAndAttributesUnionTypeDef

INDEX = "InFlight"
TOGETHER = 8
"""Calls that are under way at the same time."""
AT_ONCE = 100
"""Records that one call gives (Amazon DynamoDB API Reference, "BatchGetItem")."""
ATTEMPTS = 10
"""How often keys are asked for that DynamoDB leaves unprocessed under load."""


class InFlight:
    """The orders of a stack that are in flight."""

    def __init__(self, stack: Stack) -> None:
        self._table, self._dynamodb = stack.output(RECORDS_TABLE), stack.client("dynamodb")

    def records(self, older: timedelta = timedelta()) -> Iterator[Record]:
        """Yield those that are older than this, oldest first, each read consistently.

        One that cannot be read is left out. Raises `ProblemError` if DynamoDB leaves some unread.
        """
        with ThreadPoolExecutor(TOGETHER) as together:
            shards = together.map(partial(self._created_before, now() - older), range(SHARDS))
            keys = [key for _, key in sorted(each for shard in shards for each in shard)]
            batches = [keys[start : start + AT_ONCE] for start in range(0, len(keys), AT_ONCE)]
            for batch in together.map(self._read, batches):
                yield from (record for record in batch if not record.is_terminal)

    def _created_before(self, time: datetime, shard: int) -> list[tuple[str, str]]:
        pages = self._dynamodb.get_paginator("query").paginate(
            TableName=self._table,
            IndexName=INDEX,
            KeyConditionExpression="inFlight = :shard AND createdAt < :time",
            ExpressionAttributeValues=to_item({":shard": str(shard), ":time": iso(time)}),
            ProjectionExpression=f"createdAt, {KEY}",
        )
        return [(item["createdAt"]["S"], item[KEY]["S"]) for page in pages for item in page["Items"]]

    def _read(self, keys: list[str]) -> list[Record]:
        found = dict[str, Record]()
        left: dict[str, KeysAndAttributesUnionTypeDef] = {
            self._table: {"Keys": [to_item({KEY: key}) for key in keys], "ConsistentRead": True}
        }
        for _ in range(ATTEMPTS):
            answer = self._dynamodb.batch_get_item(RequestItems=left)
            found |= dict(_readable(answer["Responses"].get(self._table, [])))
            left = dict(answer["UnprocessedKeys"])
            if not left:
                return [found[key] for key in keys if key in found]
        raise ProblemError("DynamoDB is busy, and leaves records unread: try again in a minute")


def _readable(items: list[dict[str, Any]]) -> Iterator[tuple[str, Record]]:
    for item in items:
        try:
            record = Record.from_item(from_item(item), Saga)
        except ValidationError:
            continue
        yield record.key, record
