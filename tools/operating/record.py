"""Reads an order's record."""

from typing import Any

from pydantic import ValidationError

from contract import Saga
from saga.record import Record
from saga.table import from_item, to_item
from tools.base.events import KEY, NOUN, RECORDS_TABLE
from tools.base.problem import ProblemError
from tools.base.stack import Stack


def find(stack: Stack, order_id: str) -> dict[str, Any] | None:
    """Return an order's record as JSON has it, read consistently; None if there is no such order.

    Raises `ProblemError` if what the table holds is no order's record.
    """
    item = (
        stack.client("dynamodb")
        .get_item(TableName=stack.output(RECORDS_TABLE), Key=to_item({KEY: order_id}), ConsistentRead=True)
        .get("Item")
    )
    if item is None:
        return None
    try:
        record = Record.from_item(from_item(item), Saga)
    except (TypeError, RecursionError) as error:
        raise ProblemError(f"the record of {NOUN} {order_id} cannot be read: {error}") from None
    except ValidationError as error:
        wrong = ", ".join(".".join(map(str, fault["loc"])) for fault in error.errors())
        raise ProblemError(f"the record of {NOUN} {order_id} cannot be read: {wrong} is wrong") from None
    if not record.history:
        # The write that makes a record begins its history.
        raise ProblemError(f"the record of {NOUN} {order_id} cannot be read: history is empty")
    return record.fields()


def no_order(stack: Stack, order_id: str) -> str:
    """Return what a person reads who asks for an order that is not there."""
    return (
        f"there is no {NOUN} {order_id} at {stack.target.name}: `make orders` lists those in flight and the recent ones"
    )
