"""The orders table: one conditional write a step, which is the idempotency check as well.

A step's write moves the order from the status of the event it consumed to the status of the event it publishes, adds
the new fields and appends to the history, all or nothing, and only if the order still stands at the status before.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from zlib import crc32

from tenacity import retry, retry_if_exception_type, stop_after_delay, wait_random_exponential

from saga.aws import dynamodb, make_at_start
from saga.clock import iso, now
from saga.events import Event, OrderCreated
from saga.item import from_item, to_item
from saga.order import Order
from saga.settings import settings
from saga.transitions import TERMINAL

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef, UpdateTypeDef

SHARDS = 10
"""Parts of the in-flight index: one part takes 1,000 writes a second, an order makes two (created, final)."""

REFUSED = "ConditionalCheckFailed"
RETRYABLE = {"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}
"""Cancellation reasons that pass with time (Amazon DynamoDB API Reference, "TransactWriteItems")."""

make_at_start(dynamodb)


class OrderMovedOnError(Exception):
    """The order does not stand at the status that the write started from; `order` is what the table holds."""

    def __init__(self, order: Order) -> None:
        super().__init__(f"order {order.order_id} stands at {order.status}")
        self.order = order


class UnknownOrderError(Exception):
    """The table holds no order of this id."""


class CompanionRefusedError(Exception):
    """The order still stood where it should; the write that was to go together with its own was refused."""


class ConflictError(Exception):
    """Somebody else is writing one of the transaction's items: nothing was written, it may be tried again."""


def create(created: OrderCreated) -> None:
    """Store a new order. Raises `OrderMovedOnError` with the stored order if there is one of this id."""
    item = to_item(
        {
            **created.fields(),
            "status": created.status,
            "updatedAt": iso(created.created_at),
            "history": [{"status": created.status, "at": iso(created.created_at)}],
            "inFlight": shard_of(created.order_id),
        }
    )
    try:
        dynamodb().put_item(
            TableName=settings().orders_table_name,
            Item=item,
            ConditionExpression="attribute_not_exists(orderId)",
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )
    except dynamodb().exceptions.ConditionalCheckFailedException as failure:
        raise _moved_on(created.order_id, failure.response) from failure


@retry(
    retry=retry_if_exception_type(ConflictError),
    wait=wait_random_exponential(multiplier=0.05, max=1),
    stop=stop_after_delay(10),
    reraise=True,
)
def advance(consumed: Event, outcome: Event, companion: "UpdateTypeDef | None" = None) -> None:
    """Move the order from the status of `consumed` to that of `outcome`, with a companion write in one transaction.

    Raises `OrderMovedOnError` with the stored order if it stands elsewhere, `UnknownOrderError` if there is none,
    `CompanionRefusedError` if the companion's condition failed while the order's held. A conflict with another
    transaction is tried again with jitter for 10 s before it is raised as `ConflictError`.
    """
    move = _move(consumed, outcome)
    try:
        if companion is None:
            dynamodb().update_item(**move)
        else:
            items: list[TransactWriteItemTypeDef] = [{"Update": move}, {"Update": companion}]
            dynamodb().transact_write_items(TransactItems=items)
    except dynamodb().exceptions.ConditionalCheckFailedException as failure:
        raise _moved_on(consumed.order_id, failure.response) from failure
    except dynamodb().exceptions.TransactionConflictException as conflict:
        raise ConflictError(str(conflict)) from conflict
    except dynamodb().exceptions.TransactionCanceledException as cancelled:
        order, other = cancelled.response["CancellationReasons"]
        if order["Code"] == REFUSED:
            raise _moved_on(consumed.order_id, order) from cancelled
        if {order["Code"], other["Code"]} & RETRYABLE:
            raise ConflictError(str(cancelled)) from cancelled
        if other["Code"] == REFUSED:
            raise CompanionRefusedError(str(cancelled)) from cancelled
        raise


def read(order_id: str) -> Order:
    """Read an order, consistently. Raises `UnknownOrderError` if there is none."""
    answer = dynamodb().get_item(
        TableName=settings().orders_table_name, Key=to_item({"orderId": order_id}), ConsistentRead=True
    )
    if "Item" not in answer:
        raise UnknownOrderError(f"there is no order {order_id}")
    return Order.from_item(from_item(answer["Item"]))


def shard_of(order_id: str) -> str:
    """Give the part of the in-flight index that an order stands in while it is in flight."""
    return str(crc32(order_id.encode()) % SHARDS)


def _move(consumed: Event, outcome: Event) -> "UpdateTypeDef":
    before, at = consumed.fields(), iso(now())
    added = {name: value for name, value in outcome.fields().items() if name not in before}
    values = {**added, "status": outcome.status, "updatedAt": at}
    expression = (
        "SET " + ", ".join(f"#{name} = :{name}" for name in values) + ", #history = list_append(#history, :entry)"
    )
    if outcome.status in TERMINAL:
        expression += " REMOVE inFlight"
    return {
        "TableName": settings().orders_table_name,
        "Key": to_item({"orderId": consumed.order_id}),
        "UpdateExpression": expression,
        "ConditionExpression": "#status = :before",
        "ExpressionAttributeNames": {f"#{name}": name for name in (*values, "history")},
        "ExpressionAttributeValues": to_item(
            {
                **{f":{name}": value for name, value in values.items()},
                ":entry": [{"status": outcome.status, "at": at}],
                ":before": consumed.status,
            }
        ),
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }


def _moved_on(order_id: str, answer: Mapping[str, Any]) -> Exception:
    item = answer.get("Item")
    if item is None:
        return UnknownOrderError(f"there is no order {order_id}")
    return OrderMovedOnError(Order.from_item(from_item(item)))
