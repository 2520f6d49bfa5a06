"""DynamoDB as the saga's client sees it: conditional writes, transactions, consistent reads and sparse indexes."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from botocore.client import ClientError

from tests.simulation.aws_errors import answer_lost, check_call, error, real_client
from tests.simulation.deployment import Table
from tests.simulation.expressions import InvalidExpressionError, Item, Placeholders, holds, updated
from tests.simulation.faulty_wire import Call, Fault, FaultyWire

LAG = timedelta(seconds=1)
"""For how long a read that is not consistent, or one of an index, does not see a write (Amazon DynamoDB Developer
Guide, "DynamoDB read consistency"): the real one may see it earlier."""
PAGE = 3
"""Items that a query answers with at once: far fewer than the real one, so that there are pages to come."""
REFUSED = "The conditional request failed"
CONFLICT = "Transaction is ongoing for the item"
KNOWN = {
    "put_item": {"TableName", "Item", "ConditionExpression", "ReturnValuesOnConditionCheckFailure"},
    "get_item": {"TableName", "Key", "ConsistentRead"},
    "batch_get_item": {"RequestItems"},
    "transact_write_items": {"TransactItems"},
    "update_item": {
        "TableName", "Key", "UpdateExpression", "ConditionExpression", "ExpressionAttributeNames",
        "ExpressionAttributeValues", "ReturnValuesOnConditionCheckFailure",
    },
    "query": {
        "TableName", "IndexName", "KeyConditionExpression", "ExpressionAttributeValues", "ProjectionExpression",
    },
}  # fmt: skip


class UnsupportedCallError(AssertionError):
    """The saga uses an argument that the fake does not understand: teach it, do not guess."""


@dataclass(frozen=True)
class Exchange:
    """A call that reached DynamoDB and what it answered, for the comparison with another implementation."""

    method: str
    arguments: dict[str, Any]
    answer: dict[str, Any] | None
    error: ClientError | None


class FakeDynamoDB:
    """A DynamoDB client whose tables are dictionaries; all writes go through the wire."""

    def __init__(self, wire: FaultyWire, tables: dict[str, Table]) -> None:
        self.wire, self._tables = wire, tables
        self.items: dict[str, dict[str, Item]] = {name: {} for name in tables}
        self.levels: list[tuple[str, str, Item]] = []
        self._before: dict[tuple[str, str], tuple[datetime, Item | None]] = {}
        """When an item was written last, and what was there before."""
        self.exchanges: list[Exchange] = []
        self.at_start: list[tuple[str, Item]] = []

    def put_at_start(self, table: str, item: Item) -> None:
        """Put an item there before anything happens."""
        key = str(item[self._tables[table].key]["S"])
        self.items[table][key] = item
        self.levels.append((table, key, item))
        self.at_start.append((table, item))

    @property
    def exceptions(self) -> Any:
        return real_client("dynamodb").exceptions

    def put_item(self, **arguments: Any) -> Any:
        return self._carry("put_item", arguments, self._put)

    def update_item(self, **arguments: Any) -> Any:
        return self._carry("update_item", arguments, self._update, conflict=_conflict)

    def transact_write_items(self, **arguments: Any) -> Any:
        others = [{"Code": "None"}] * (len(arguments["TransactItems"]) - 1)
        conflict = partial(_cancelled, [*others, {"Code": "TransactionConflict", "Message": CONFLICT}])
        return self._carry("transact_write_items", arguments, self._transact, conflict=conflict)

    def get_item(self, **arguments: Any) -> Any:
        return self._carry("get_item", arguments, self._get)

    def batch_get_item(self, **arguments: Any) -> Any:
        return self._carry(
            "batch_get_item", arguments, self._batch_get, half=lambda: self._batch_get(**arguments, half=True)
        )

    def get_paginator(self, method: str) -> "FakeDynamoDB":
        if method != "query":
            raise UnsupportedCallError(method)
        return self

    # An index lags behind its table: half an answer of it is none.
    def paginate(self, **arguments: Any) -> Iterator[Any]:
        size, start = PAGE, 0
        while True:
            nothing_yet: Callable[[], Any] = partial(dict, Items=[], Count=0)
            page = self._carry("query", arguments, partial(self._query, start=start, size=size), half=nothing_yet)
            yield page
            start += size
            if "LastEvaluatedKey" not in page:
                return

    def _carry(
        self,
        method: str,
        arguments: dict[str, Any],
        effect: Callable[..., Any],
        conflict: Callable[[], Exception] | None = None,
        half: Callable[[], Any] | None = None,
    ) -> Any:
        if unknown := set(arguments) - KNOWN[method]:
            raise UnsupportedCallError(f"{method}: {unknown}")
        sent_as_is = {name: value for name, value in arguments.items() if name != "PaginationConfig"}
        check_call("dynamodb", method, sent_as_is, kind=_kind(arguments))
        sent = _over_the_wire(arguments)

        def tell() -> Any:
            try:
                answer = _over_the_wire(effect(**sent))
            except ClientError as failure:
                self.exchanges.append(Exchange(method, sent, None, failure))
                raise
            self.exchanges.append(Exchange(method, sent, answer, None))
            return answer

        special: dict[Fault, Callable[[], Any]] = {Fault.THROTTLED: partial(_raise, partial(_throttled, method))}
        if conflict:
            special |= dict.fromkeys((Fault.CONFLICT, Fault.CONTENDED), partial(_raise, conflict))
        if half:
            special[Fault.PARTIAL] = half
        refused = partial(error, "dynamodb", method, "InternalServerError", "Internal server error")
        return self.wire.carry(Call(method, tell, refused, partial(answer_lost, "dynamodb"), special))

    def _write(self, table: str, key: str, item: Item) -> None:
        self._before[table, key] = (self.wire.time, self.items[table].get(key))
        self.items[table][key] = item
        self.levels.append((table, key, item))

    def _key(self, table: str, holder: Item) -> str:
        key: str = holder[self._tables[table].key]["S"]
        return key

    def _put(self, **put: Any) -> dict[str, Any]:
        key, placeholders = self._key(put["TableName"], put["Item"]), Placeholders({}, {})
        stored = self.items[put["TableName"]].get(key)
        if "ConditionExpression" in put and not holds(put["ConditionExpression"], stored, placeholders):
            raise error("dynamodb", "put_item", "ConditionalCheckFailedException", REFUSED, **_all_old(put, stored))
        self._write(put["TableName"], key, put["Item"])
        return {}

    def _update(self, **update: Any) -> dict[str, Any]:
        after = self._after("update_item", update)
        if after is None:
            stored = self.items[update["TableName"]].get(self._key(update["TableName"], update["Key"]))
            old = _all_old(update, stored)
            raise error("dynamodb", "update_item", "ConditionalCheckFailedException", REFUSED, **old)
        self._write(update["TableName"], self._key(update["TableName"], update["Key"]), after)
        return {}

    def _transact(self, *, TransactItems: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803  the API's name
        writes = [next(iter(write.items())) for write in TransactItems]
        afters = [self._after_write(kind, write) for kind, write in writes]
        if None in afters:
            raise _cancelled(
                [
                    {"Code": "None"} if after else self._refusal(write)
                    for (_, write), after in zip(writes, afters, strict=True)
                ]
            )
        for (kind, write), after in zip(writes, afters, strict=True):
            if kind != "ConditionCheck":
                self._write(write["TableName"], self._key_of(write), after or {})
        return {}

    def _after_write(self, kind: str, write: Any) -> Item | None:
        """Return the item as a write of a transaction leaves it, None if its condition fails."""
        if kind == "Update":
            return self._after("transact_write_items", write)
        if kind not in {"Put", "ConditionCheck"}:
            raise UnsupportedCallError(f"transact_write_items: {kind}")
        stored = self.items[write["TableName"]].get(self._key_of(write))
        placeholders = Placeholders({}, write.get("ExpressionAttributeValues", {}))
        allowed = holds(write["ConditionExpression"], stored, placeholders)
        return write.get("Item", {"checked": {"BOOL": True}}) if allowed else None

    def _refusal(self, write: Any) -> dict[str, Any]:
        stored = self.items[write["TableName"]].get(self._key_of(write))
        return {"Code": "ConditionalCheckFailed", "Message": REFUSED, **_all_old(write, stored)}

    def _key_of(self, write: Any) -> str:
        return self._key(write["TableName"], write.get("Key") or write["Item"])

    def _after(self, method: str, update: Any) -> Item | None:
        placeholders = Placeholders(
            update.get("ExpressionAttributeNames", {}), update.get("ExpressionAttributeValues", {})
        )
        stored = self.items[update["TableName"]].get(self._key(update["TableName"], update["Key"]))
        try:
            allowed = holds(update.get("ConditionExpression", ""), stored, placeholders)
            after = updated(update["UpdateExpression"], stored or update["Key"], placeholders) if allowed else None
            if after is not None:
                placeholders.check_all_used()
        except InvalidExpressionError as invalid:
            raise error("dynamodb", method, "ValidationException", str(invalid)) from invalid
        return after

    def _read(self, table: str, key: str, *, consistent: bool) -> Item | None:
        """Return an item as a read sees it: as it is, or as it was a moment ago."""
        written, before = self._before.get((table, key), (None, None))
        lags = not consistent and written is not None and self.wire.time - written < LAG
        return before if lags else self.items[table].get(key)

    def _get(self, **get: Any) -> dict[str, Any]:
        table, consistent = get["TableName"], bool(get.get("ConsistentRead"))
        stored = self._read(table, self._key(table, get["Key"]), consistent=consistent)
        return {} if stored is None else {"Item": stored}

    def _batch_get(self, *, RequestItems: dict[str, Any], half: bool = False) -> dict[str, Any]:  # noqa: N803
        ((table, wanted),) = RequestItems.items()
        keys, consistent = wanted["Keys"], bool(wanted.get("ConsistentRead"))
        served = keys[: len(keys) // 2] if half else keys
        found = [self._read(table, self._key(table, key), consistent=consistent) for key in served]
        if "ProjectionExpression" in wanted:
            found = [item and _projected(item, wanted) for item in found]
        left = {table: {**wanted, "Keys": keys[len(served) :]}} if half else {}
        return {"Responses": {table: [item for item in found if item is not None]}, "UnprocessedKeys": left}

    def _query(self, *, start: int, size: int, **query: Any) -> dict[str, Any]:
        table = self._tables[query["TableName"]]
        partition, order = table.indexes[query["IndexName"]]
        placeholders = Placeholders({}, query["ExpressionAttributeValues"])
        seen = [self._read(query["TableName"], key, consistent=False) for key in self.items[query["TableName"]]]
        indexed = [item for item in seen if item and partition in item and order in item]
        found = [item for item in indexed if holds(query["KeyConditionExpression"], item, placeholders)]
        found.sort(key=lambda item: (item[order]["S"], item[table.key]["S"]))
        projected = {name.strip() for name in query["ProjectionExpression"].split(",")}
        if not projected <= {partition, order, table.key}:
            raise UnsupportedCallError(f"query: {projected} are not all in the index")
        page = [{name: item[name] for name in projected} for item in found[start : start + size]]
        more = {"LastEvaluatedKey": page[-1]} if len(found) > start + size else {}
        return {"Items": page, "Count": len(page), **more}


def _projected(item: Item, wanted: dict[str, Any]) -> Item:
    names = wanted.get("ExpressionAttributeNames", {})
    attributes = [names.get(name.strip(), name.strip()) for name in wanted["ProjectionExpression"].split(",")]
    return {name: item[name] for name in attributes if name in item}


def _kind(arguments: dict[str, Any]) -> str:
    """Return a key for calls of one form, so that the slow check against the model runs once for each form."""
    updates = [arguments, *(write.get("Update", {}) for write in arguments.get("TransactItems", []))]
    return " | ".join(str(update.get("UpdateExpression")) for update in updates)


def _over_the_wire(value: Any) -> Any:
    return json.loads(json.dumps(value))


def _all_old(write: dict[str, Any], stored: Item | None) -> dict[str, Item]:
    wanted = write.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD"
    return {"Item": stored} if wanted and stored is not None else {}


def _cancelled(reasons: list[dict[str, Any]]) -> Exception:
    message = f"Transaction cancelled [{', '.join(reason['Code'] for reason in reasons)}]"
    code = "TransactionCanceledException"
    return error("dynamodb", "transact_write_items", code, message, CancellationReasons=reasons)


def _conflict() -> Exception:
    return error("dynamodb", "update_item", "TransactionConflictException", CONFLICT)


def _throttled(method: str) -> Exception:
    return error("dynamodb", method, "ThrottlingException", "Throughput exceeds the current capacity")


def _raise(make: Callable[[], Exception]) -> None:
    raise make()
