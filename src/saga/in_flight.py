"""The in-flight index: the sagas that have not ended, oldest first.

The index is sparse: a record leaves it with its final status. It is sharded, so that no partition is hot. Its keys
never change while a saga is in flight, so a step's write costs nothing there.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, cast

from pydantic import ValidationError
from tenacity import retry, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from saga.aws import dynamodb
from saga.clock import iso
from saga.event import Event
from saga.record import Record
from saga.settings import settings
from saga.spacing import Standing
from saga.table import SHARDS, from_item, to_item

INDEX = "InFlight"
BATCH = 100
"""Records in one call, at most (Amazon DynamoDB API Reference, "BatchGetItem")."""


class UnprocessedKeysError(Exception):
    """DynamoDB repeatedly left keys unprocessed."""


class MakesNoEventError(Exception):
    """A record that no event can be made of. The message contains none of its values: they may be personal data."""

    def __init__(self, key: str, reason: str) -> None:
        super().__init__(reason)
        self.key = key


def keys(created_before: datetime, root: type[Event]) -> Iterator[str]:
    """Yield the keys of the sagas in flight that began before this time."""
    for shard in range(SHARDS):
        pages = (
            dynamodb()
            .get_paginator("query")
            .paginate(
                TableName=settings().records_table_name,
                IndexName=INDEX,
                KeyConditionExpression="inFlight = :shard AND createdAt < :time",
                ExpressionAttributeValues=to_item({":shard": str(shard), ":time": iso(created_before)}),
                ProjectionExpression=root.key_name,
            )
        )
        for page in pages:
            for item in page["Items"]:
                yield item[root.key_name]["S"]


def standings(batch: Sequence[str], root: type[Event]) -> list[Standing]:
    """Return where up to `BATCH` sagas stand, read consistently; one that ended, expired or is held is left out.

    A record that cannot be read keeps its place here, and is reported when it is due.
    """
    names = {"#status": "status"}
    attributes = f"{root.key_name}, #status, createdAt, updatedAt, stopped, held"
    found = []
    for item in _read(batch, root, ProjectionExpression=attributes, ExpressionAttributeNames=names):
        event = root.by_status.get(_text(item, "status"))
        if not (event and event.terminal) and "held" not in item:
            times, waits = (_text(item, "createdAt"), _text(item, "updatedAt")), bool(event and event.waits)
            found.append(Standing(item[root.key_name]["S"], *times, waits, stopped="stopped" in item))
    return found


def events(batch: Sequence[str], root: type[Event]) -> Iterator[Event | MakesNoEventError]:
    """Yield the current events of up to `BATCH` sagas, read consistently, of those that are still in flight.

    For a record that no event can be made of, yield a `MakesNoEventError` instead.
    """
    for item in _read(batch, root):
        key = item[root.key_name]["S"]
        try:
            record = Record.from_item(from_item(item), root)
        except ValidationError as error:
            wrong = ", ".join(".".join(map(str, fault["loc"])) for fault in error.errors())
            yield MakesNoEventError(key, f"the record's {wrong} cannot be read")
            continue
        if record.is_terminal or record.held:
            continue
        try:
            yield record.event()
        except (KeyError, ValidationError) as error:
            yield MakesNoEventError(key, f"{record.status} makes no event: {type(error).__name__}")


def _read(batch: Sequence[str], root: type[Event], **wanted: Any) -> list[dict[str, Any]]:
    items = list[dict[str, Any]]()
    read_left([to_item({root.key_name: key}) for key in batch], wanted, items)
    return items


@retry(
    retry=retry_if_exception_type(UnprocessedKeysError),
    wait=wait_random_exponential(multiplier=0.05, max=1),
    stop=stop_after_attempt(5),
    reraise=True,
)
def read_left(left: list[Any], wanted: dict[str, Any], items: list[dict[str, Any]]) -> None:
    """Read the items of the keys that are left into `items`. Raises `UnprocessedKeysError`."""
    table, request = settings().records_table_name, cast("Any", {**wanted, "Keys": left, "ConsistentRead": True})
    found = dynamodb().batch_get_item(RequestItems={table: request})
    items += found["Responses"].get(table, [])
    left[:] = found["UnprocessedKeys"][table]["Keys"] if table in found["UnprocessedKeys"] else []
    if left:
        raise UnprocessedKeysError(f"DynamoDB left {len(left)} keys unread, five times")


def _text(item: dict[str, Any], name: str) -> str:
    return str(item.get(name, {}).get("S", ""))
