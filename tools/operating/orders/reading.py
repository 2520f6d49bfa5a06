"""Finds the orders to list, without reading the whole table.

Those in flight stand in an index of their own. Finished ones stand in none, and a scan reads all orders that there ever
were; but each order that is taken is logged, so the recent ones are found in the log group.
"""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

from pydantic import ValidationError

from saga.clock import now
from saga.table import SHARDS, from_item, to_item
from saga.telemetry import Line
from tools.base.events import KEY, REASON, RECORDS_TABLE
from tools.base.problem import ProblemError
from tools.base.stack import Stack
from tools.base.transitions import EVENT_OF_STATUS, TERMINAL
from tools.operating.logs import LogGroup
from tools.operating.orders.listing import InFlight, Listed, Orders

INDEX = "InFlight"
"""The index of the orders in flight, as the template names it."""
MOST = 1_000
"""Orders whose records are read, for each of the two lists; and keys that are read of each part of the index."""
AT_ONCE = 100
"""Records that one call gives (Amazon DynamoDB API Reference, "BatchGetItem")."""
ATTEMPTS = 5
"""How often keys are asked for that DynamoDB leaves unprocessed under load."""
TAKEN = (Line.STARTED, Line.LEFT_TO_RECOVERY)
"""The log lines of an order that was taken."""
LISTED = {
    "ProjectionExpression": f"{KEY}, createdAt, #status, updatedAt, {REASON}, stopped, held",
    "ExpressionAttributeNames": {"#status": "status"},
}
"""What is read of a record for a list."""


class Reader:
    """Reads a stack's orders."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._dynamodb = stack.client("dynamodb")
        self._table = stack.output(RECORDS_TABLE)

    def orders(self, minutes: int, status: str | None = None) -> Orders:
        """Return the orders in flight and those taken in the last minutes; with a status, those with it.

        Raises `ProblemError` if there is no such status.
        """
        if status not in {None, *EVENT_OF_STATUS}:
            raise ProblemError(f"there is no status {status}: choose one of {', '.join(EVENT_OF_STATUS)}")
        waiting, not_counted = self._waiting()
        taken = self._taken(timedelta(minutes=minutes))
        times = self._times()
        unreadable = dict[str, None]()
        in_flight = [
            InFlight.of(order, now(), *times)
            for order in self._listed(waiting[:MOST], unreadable)
            if order.status not in TERMINAL
        ]
        recent = list(self._listed(taken[:MOST], unreadable))
        return Orders(
            status=status,
            in_flight=tuple(order for order in in_flight if status in {None, order.status}),
            younger_in_flight=len(waiting[MOST:]),
            not_counted=not_counted,
            minutes=minutes,
            recent=tuple(order for order in recent if status in {None, order.status}),
            older_left_out=len(taken) > MOST,
            unreadable=tuple(unreadable),
        )

    def latest(self, minutes: int) -> list[dict[str, Any]]:
        """Return the whole records of the orders in flight, and of those taken in the last minutes."""
        ids = dict.fromkeys([*self._waiting()[0][:MOST], *self._taken(timedelta(minutes=minutes))[:MOST]])
        return self.whole(list(ids))

    def in_flight(self) -> list[str]:
        """Return the ids of the orders in flight, oldest first."""
        return self._waiting()[0]

    def whole(self, ids: Sequence[str]) -> list[dict[str, Any]]:
        """Read the whole records of these orders; one that is gone is left out."""
        return self._records(ids, {})

    def _listed(self, ids: Sequence[str], unreadable: dict[str, None]) -> Iterator[Listed]:
        """Yield what a list shows of these orders; those of which it can show nothing are added to `unreadable`."""
        for record in self._records(ids):
            try:
                yield Listed.model_validate(record)
            except ValidationError:
                unreadable[str(record[KEY])] = None

    def _waiting(self) -> tuple[list[str], bool]:
        """Return the ids of the orders in flight, oldest first, and whether there are more than were read."""
        with ThreadPoolExecutor() as at_once:
            shards = list(
                at_once.map(
                    lambda shard: self._dynamodb.query(
                        TableName=self._table,
                        IndexName=INDEX,
                        KeyConditionExpression="inFlight = :shard",
                        ExpressionAttributeValues=to_item({":shard": str(shard)}),
                        ProjectionExpression=f"createdAt, {KEY}",
                        Limit=MOST,
                    ),
                    range(SHARDS),
                )
            )
        keys = [from_item(item) for shard in shards for item in shard["Items"]]
        ids = [key[KEY] for key in sorted(keys, key=lambda key: str(key.get("createdAt")))]
        return ids, any("LastEvaluatedKey" in shard for shard in shards)

    def _taken(self, back: timedelta) -> list[str]:
        """Return the ids of the orders that were taken last, newest first: more than `MOST` if there are more.

        The log group gives the oldest lines first, so it is asked for short times, from now backwards.
        """
        group, until, step = LogGroup(self._stack), now(), timedelta(minutes=1)
        earliest, ids = until - back, dict[str, None]()
        while until > earliest and len(ids) <= MOST:
            since = max(earliest, until - step)
            lines = [line for phrase in TAKEN for line in group.lines(phrase, since, until)]
            told = [line for line in lines if line.get("event") in TAKEN and isinstance(line.get(KEY), str)]
            found = [(line["timestamp"], line[KEY]) for line in told]
            ids |= dict.fromkeys(order_id for _, order_id in sorted(found, reverse=True))
            until, step = since, step * 2
        return list(ids)

    def _records(self, ids: Sequence[str], only: Mapping[str, Any] = LISTED) -> list[dict[str, Any]]:
        """Read what is listed of these orders, in this order; one that is gone is left out."""
        batches = [ids[start : start + AT_ONCE] for start in range(0, len(ids), AT_ONCE)]
        with ThreadPoolExecutor() as at_once:
            found = {
                record[KEY]: record
                for batch in at_once.map(lambda ids: self._batch(ids, only), batches)
                for record in batch
            }
        return [found[order_id] for order_id in ids if order_id in found]

    def _batch(self, ids: Sequence[str], only: Mapping[str, Any]) -> list[dict[str, Any]]:
        found = list[dict[str, Any]]()
        left: Mapping[str, Any] = {self._table: {"Keys": [to_item({KEY: order_id}) for order_id in ids], **only}}
        for _ in range(ATTEMPTS):
            if not left:
                break
            answer = self._dynamodb.batch_get_item(RequestItems=left)
            found += [from_item(item) for item in answer["Responses"].get(self._table, [])]
            left = answer["UnprocessedKeys"]
        return found

    def _times(self) -> tuple[timedelta, timedelta]:
        """Return the deadline, and after how long recovery takes an order for stuck: parameters of the stack."""
        seconds = (int(self._stack.parameter(name)) for name in ("DeadlineSeconds", "RecoverAfterSeconds"))
        deadline, recover_after = (timedelta(seconds=each) for each in seconds)
        return deadline, recover_after
