"""What the emulator takes for the write of a step while it has nothing else to do: naive, guarded, with the stock."""

from functools import partial
from typing import TYPE_CHECKING
from uuid import uuid4

from bench.load import PLENTY, alone
from saga.table import to_item
from tools.base.stack import Stack
from tools.shop import stock

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import UpdateTypeDef

SKU = "WRITES"
STATUS, AT = "PAYMENT_CHARGED", "2026-01-31T09:00:00.000Z"
NAIVE, GUARDED, TOGETHER = "as in the naive chain", "under a condition, with the history", "with the stock"
"""The kinds of writes."""


def milliseconds_by_kind(stack: Stack) -> dict[str, float]:
    """Return the median of each kind of write in milliseconds, on a record of its own that stays where it is."""
    orders, inventory = stack.records.name, stock.shelves(stack).name
    order_id = str(uuid4())
    stack.records.put_item(Item={"orderId": order_id, "status": STATUS, "history": []})
    stock.shelves(stack).put_item(Item={"sku": SKU, "available": PLENTY})
    values = {":status": STATUS, ":at": AT, ":id": order_id}
    naive: UpdateTypeDef = {
        "TableName": orders,
        "Key": to_item({"orderId": order_id}),
        "UpdateExpression": "SET #status = :status, updatedAt = :at, paymentId = :id",
        "ExpressionAttributeNames": {"#status": "status"},
        "ExpressionAttributeValues": to_item(values),
    }
    guarded: UpdateTypeDef = {
        **naive,
        # The history is begun anew each time: fifty entries would be no order's.
        "UpdateExpression": f"{naive['UpdateExpression']}, history = list_append(:none, :entry)",
        "ConditionExpression": "#status = :status",
        "ExpressionAttributeValues": to_item({**values, ":none": [], ":entry": [{"status": STATUS, "at": AT}]}),
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
    shelf: UpdateTypeDef = {
        "TableName": inventory,
        "Key": to_item({"sku": SKU}),
        "UpdateExpression": "SET available = available - :one",
        "ConditionExpression": "available >= :one",
        "ExpressionAttributeValues": to_item({":one": 1}),
    }
    dynamodb = stack.client("dynamodb")
    return {
        NAIVE: alone(partial(dynamodb.update_item, **naive)),
        GUARDED: alone(partial(dynamodb.update_item, **guarded)),
        TOGETHER: alone(partial(dynamodb.transact_write_items, TransactItems=[{"Update": guarded}, {"Update": shelf}])),
    }
