"""The simulation's DynamoDB for a hundred thousand records: the same expressions, an index that is kept sorted."""

from bisect import bisect_left, insort
from collections.abc import Callable, Iterator
from typing import Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

from tests.simulation.deployment import Table
from tests.simulation.dynamodb import FakeDynamoDB, UnsupportedCallError
from tests.simulation.expressions import Item
from tests.simulation.faulty_wire import FaultyWire
from tests.simulation.outage.assumptions import CALL_TAKES
from tests.simulation.outage.event_loop import LoopClock

_serialize: Callable[[Any], Any] = TypeSerializer().serialize
_deserialize: Callable[[Any], Any] = TypeDeserializer().deserialize
PAGE = 1_000
"""Entries of a page of the index, if nobody asks for fewer: 1 MB has room for more."""
Entry = tuple[str, str]


class LargeDynamoDB(FakeDynamoDB):
    """A DynamoDB client that keeps no history, copies nothing, and finds what an index holds by bisection.

    Its writes, conditions and reads are those of `FakeDynamoDB`, which is compared with another implementation.
    """

    def __init__(self, clock: LoopClock, tables: dict[str, Table]) -> None:
        super().__init__(FaultyWire(clock), tables)
        self._clock = clock
        self._entries: dict[tuple[str, str, str], list[Entry]] = {}
        """The sort keys and keys of what each partition of each index holds."""
        self.on_write: Callable[[str, str, Item | None, Item], object] = lambda *_: None
        """Called with the table, the key, and the item before and after."""

    def put_at_start(self, table: str, item: Item) -> None:
        self._write(table, str(item[self._tables[table].key]["S"]), item)

    def paginate(self, **query: Any) -> Iterator[Any]:
        size = query.get("PaginationConfig", {}).get("PageSize", PAGE)
        found, start = self._found(query), 0
        while True:
            self._clock.passes(CALL_TAKES["query"])
            page = found[start : start + size]
            start += size
            more = {"LastEvaluatedKey": page[-1]} if len(found) > start else {}
            yield {"Items": page, "Count": len(page), **more}
            if not more:
                return

    def partition(self, table: str, index: str, value: str) -> int:
        """Return how many items a partition of an index holds."""
        return len(self._entries.get((table, index, value), []))

    def _carry(
        self,
        method: str,
        arguments: dict[str, Any],
        effect: Callable[..., Any],
        conflict: Callable[[], Exception] | None = None,  # noqa: ARG002  nothing fails here
        half: Callable[[], Any] | None = None,  # noqa: ARG002
    ) -> Any:
        self._clock.passes(CALL_TAKES[method])
        return effect(**arguments)

    def _write(self, table: str, key: str, item: Item) -> None:
        before = self.items[table].get(key)
        self.items[table][key] = item
        for index, (partition, order) in self._tables[table].indexes.items():
            was, now = (_entry(each, partition, order, key) for each in (before, item))
            if was == now:
                continue
            if was:
                entries = self._entries[table, index, was[0]]
                entries.pop(bisect_left(entries, was[1]))
            if now:
                insort(self._entries.setdefault((table, index, now[0]), []), now[1])
        self.on_write(table, key, before, item)

    def _found(self, query: dict[str, Any]) -> list[Item]:
        table, values = self._tables[query["TableName"]], query["ExpressionAttributeValues"]
        partition, order = table.indexes[query["IndexName"]]
        match query["KeyConditionExpression"].split():
            case [of, "=", value, "AND", by, "<", end] if (of, by) == (partition, order):
                pass
            case other:
                raise UnsupportedCallError(f"query: {' '.join(other)}")
        if query["ProjectionExpression"] != table.key:
            raise UnsupportedCallError(f"query: {query['ProjectionExpression']}")
        entries = self._entries.get((query["TableName"], query["IndexName"], values[value]["S"]), [])
        return [{table.key: {"S": key}} for _, key in entries[: bisect_left(entries, (values[end]["S"], ""))]]


def serialized(value: Any) -> dict[str, Any]:
    """Return what boto3's serializer does, in a fifth of the time for what records are made of."""
    match value:
        case str():
            return {"S": value}
        case bool():
            return {"BOOL": value}
        case int():
            return {"N": str(value)}
        case list():
            return {"L": [serialized(each) for each in value]}
        case dict():
            return {"M": {name: serialized(each) for name, each in value.items()}}
    made: dict[str, Any] = _serialize(value)
    return made


def deserialized(value: dict[str, Any]) -> Any:
    """Return what boto3's deserializer does, in a fifth of the time for what records are made of."""
    ((kind, held),) = value.items()
    match kind:
        case "S" | "BOOL":
            return held
        case "L":
            return [deserialized(each) for each in held]
        case "M":
            return {name: deserialized(each) for name, each in held.items()}
    return _deserialize(value)


def _entry(item: Item | None, partition: str, order: str, key: str) -> tuple[str, Entry] | None:
    if item is None or partition not in item or order not in item:
        return None
    return item[partition]["S"], (item[order]["S"], key)
