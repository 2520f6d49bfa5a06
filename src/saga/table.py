"""The table of records: one conditional write for each step, which is also the idempotency check.

A step's write moves the record from the status of the event it consumed to the status of the event it publishes, adds
the new fields and appends to the history: all or nothing, and only if the record still has the previous status.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from zlib import crc32

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from tenacity import retry, retry_if_exception_type, stop_after_delay, wait_random_exponential

from saga.aws import dynamodb, make_at_start
from saga.clock import iso, now
from saga.event import Event
from saga.record import EXPIRES, SHARD, Record
from saga.settings import settings

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import PutTypeDef, TransactWriteItemTypeDef, UpdateTypeDef

    Write = TransactWriteItemTypeDef

SHARDS = 10
"""Shards of the in-flight index: one takes 1,000 writes a second, and a saga makes two (its first and its last)."""

MAX_WRITES = 99
"""Writes that fit into one transaction with the record's own (Amazon DynamoDB API Reference, "TransactWriteItems")."""

CONDITION_FAILED = "ConditionalCheckFailed"
RETRYABLE = {"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}
"""Transient cancellation reasons (Amazon DynamoDB API Reference, "TransactWriteItems")."""

_serialize: Callable[[Any], Any] = TypeSerializer().serialize
_deserialize: Callable[[Any], Any] = TypeDeserializer().deserialize

make_at_start(dynamodb)


class AlreadyExistsError(Exception):
    """There is a record with this key; `record` is what the table holds."""

    def __init__(self, record: Record) -> None:
        super().__init__(f"{record.key} exists already, at {record.status}")
        self.record = record


class MovedOnError(Exception):
    """The record does not have the status that the write started from; `record` is what the table holds."""

    def __init__(self, record: Record) -> None:
        super().__init__(f"{record.key} is at {record.status}")
        self.record = record


class MarkedError(Exception):
    """The record has the expected status, and a mark that forbids the write; `record` is what the table holds."""

    def __init__(self, record: Record) -> None:
        super().__init__(f"{record.key} is {'held' if record.held else 'stopped'} at {record.status}")
        self.record = record


class UnknownKeyError(Exception):
    """The table holds no record with this key."""


class ConditionFailedError(Exception):
    """The record had the right status; the condition of `write`, in the same transaction, failed."""

    def __init__(self, write: "Write") -> None:
        # Without the write: its values may be personal data, and a step that fails logs why.
        super().__init__("the condition of a write beside the record's failed")
        self.write = write


class ConflictError(Exception):
    """Another transaction is writing one of the items: nothing was written, and the write can be repeated."""


@retry(
    retry=retry_if_exception_type(ConflictError),
    wait=wait_random_exponential(multiplier=0.05, max=1),
    # Somebody waits for the answer: API Gateway for 29 s.
    stop=stop_after_delay(3),
    reraise=True,
)
def create(first: Event, checks: "Sequence[Write]" = ()) -> None:
    """Store the record of a new saga; `checks` go with it in one transaction.

    Raises `AlreadyExistsError` if there is one with its key, or with what the check that failed looked for.
    """
    at = iso(first.created_at)
    stored = {
        **first.fields(),
        "status": first.status,
        "updatedAt": at,
        "history": [{"status": first.status, "at": at}],
        SHARD: shard_of(first.key),
    }
    put: PutTypeDef = {
        "TableName": settings().records_table_name,
        "Item": to_item(stored),
        "ConditionExpression": f"attribute_not_exists({first.key_name})",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
    try:
        if checks:
            dynamodb().transact_write_items(TransactItems=[{"Put": put}, *checks])
        else:
            dynamodb().put_item(**put)
    except dynamodb().exceptions.ConditionalCheckFailedException as failure:
        stored_before: Any = failure.response  # the stubs do not know that it holds the item
        raise AlreadyExistsError(_record(stored_before["Item"], type(first))) from failure
    except dynamodb().exceptions.TransactionCanceledException as cancelled:
        reasons: Any = cancelled.response["CancellationReasons"]
        for reason in reasons:
            if reason["Code"] == CONDITION_FAILED:
                raise AlreadyExistsError(_record(reason["Item"], type(first))) from cancelled
        if RETRYABLE & {reason["Code"] for reason in reasons}:
            raise ConflictError(str(cancelled)) from cancelled
        raise


@retry(
    retry=retry_if_exception_type(ConflictError),
    wait=wait_random_exponential(multiplier=0.05, max=1),
    stop=stop_after_delay(10),
    reraise=True,
)
def advance(consumed: Event, outcome: Event, writes: "Sequence[Write]" = (), *, unless_stopped: bool = False) -> None:
    """Move the record from the status of `consumed` to that of `outcome`; `writes` go with it in one transaction.

    Raises `MovedOnError` if the record has another status, `UnknownKeyError` if there is none, `MarkedError` if it is
    held, or stopped and the write is not to happen then, `ConditionFailedError` if the condition of one of the writes
    failed while the record's held. A conflict with another transaction is retried with jitter for 10 s before it is
    raised as `ConflictError`.
    """
    move = _move(consumed, outcome, unless_stopped=unless_stopped)
    try:
        if writes:
            dynamodb().transact_write_items(TransactItems=[{"Update": move}, *writes])
        else:
            dynamodb().update_item(**move)
    except dynamodb().exceptions.ConditionalCheckFailedException as failure:
        raise _moved_on(consumed, failure.response) from failure
    except dynamodb().exceptions.TransactionConflictException as conflict:
        raise ConflictError(str(conflict)) from conflict
    except dynamodb().exceptions.TransactionCanceledException as cancelled:
        own, *others = cancelled.response["CancellationReasons"]
        codes = [reason["Code"] for reason in others]
        if own["Code"] == CONDITION_FAILED:
            raise _moved_on(consumed, own) from cancelled
        if RETRYABLE & {own["Code"], *codes}:
            raise ConflictError(str(cancelled)) from cancelled
        if CONDITION_FAILED in codes:
            raise ConditionFailedError(writes[codes.index(CONDITION_FAILED)]) from cancelled
        raise


def read(key: str, root: type[Event]) -> Record:
    """Read a record of the saga with this root, consistently. Raises `UnknownKeyError` if there is none."""
    answer = dynamodb().get_item(
        TableName=settings().records_table_name, Key=to_item({root.key_name: key}), ConsistentRead=True
    )
    if "Item" not in answer:
        raise UnknownKeyError(f"there is no record of {key}")
    return _record(answer["Item"], root)


def shard_of(key: str) -> str:
    """Return the shard of the in-flight index that a record is in until its final status."""
    return str(crc32(key.encode()) % SHARDS)


def to_item(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return plain values as DynamoDB's attributes. Raises `TypeError` for a float or another unsupported type."""
    return {name: _serialize(value) for name, value in values.items()}


def from_item(item: Mapping[str, Any]) -> dict[str, Any]:
    """Return DynamoDB's attributes as plain values; numbers are `Decimal`."""
    return {name: _deserialize(value) for name, value in item.items()}


def _record(item: Mapping[str, Any], root: type[Event]) -> Record:
    return Record.from_item(from_item(item), root)


def _move(consumed: Event, outcome: Event, *, unless_stopped: bool) -> "UpdateTypeDef":
    before, at = consumed.fields(), iso(now())
    added = {name: value for name, value in outcome.fields().items() if name not in before}
    values = {**added, "status": outcome.status, "updatedAt": at}
    if outcome.terminal and not consumed.keeps and (retention := settings().retention):
        values[EXPIRES] = int((now() + retention).timestamp())
    expression = (
        "SET " + ", ".join(f"#{name} = :{name}" for name in values) + ", #history = list_append(#history, :entry)"
    )
    if outcome.terminal:
        expression += f" REMOVE {SHARD}"
    marks = ("held", "stopped") if unless_stopped else ("held",)
    starting = {f":before{number}": status for number, status in enumerate(consumed.statuses)}
    return {
        "TableName": settings().records_table_name,
        "Key": to_item({consumed.key_name: consumed.key}),
        "UpdateExpression": expression,
        "ConditionExpression": " AND ".join(
            [f"#status IN ({', '.join(starting)})", *(f"attribute_not_exists(#{mark})" for mark in marks)]
        ),
        "ExpressionAttributeNames": {f"#{name}": name for name in (*values, "history", *marks)},
        "ExpressionAttributeValues": to_item(
            {
                **{f":{name}": value for name, value in values.items()},
                ":entry": [{"status": outcome.status, "at": at}],
                **starting,
            }
        ),
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }


def _moved_on(consumed: Event, answer: Mapping[str, Any]) -> Exception:
    if "Item" not in answer:
        return UnknownKeyError(f"there is no record of {consumed.key}")
    record = _record(answer["Item"], type(consumed))
    return MarkedError(record) if record.status == consumed.status else MovedOnError(record)
