"""Reads what the story of an order is put together from."""

from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from saga.item import from_item, to_item
from saga.order import Order
from tools.base.problem import ProblemError
from tools.base.stack import Stack
from tools.operating.dead_letters import DeadLetter, DeadLetterQueue
from tools.operating.logs import LogGroup
from tools.operating.story.story import Story

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class Sources:
    """Where the story of one order is read: the orders table, the log group, the dead-letter queue, the stack."""

    def __init__(self, stack: Stack, order_id: str) -> None:
        self.stack = stack
        self.order_id = order_id

    def story(self, *, letters: bool = True) -> Story:
        """Read it all and tell the story; the dead-letter queue takes a second, so it may be left out.

        Raises `ProblemError` if there is no such order.
        """
        with ThreadPoolExecutor() as meanwhile:
            found = meanwhile.submit(self._letters, DeadLetterQueue(self.stack)) if letters else None
            record = self._record()
            lines = self.logs.lines_of(self.order_id, record)
            functions = self._functions
        return Story.of(record, lines, found.result() if found else [], functions)

    @cached_property
    def logs(self) -> LogGroup:
        """The log group of all functions."""
        return LogGroup(self.stack)

    def _letters(self, queue: DeadLetterQueue) -> list[DeadLetter]:
        return queue.letters()

    def _record(self) -> dict[str, Any]:
        """Read the order's record, consistently. Raises `ProblemError` if there is none, or if it is no order's."""
        item = self._dynamodb.get_item(
            TableName=self.stack.output("OrdersTableName"),
            Key=to_item({"orderId": self.order_id}),
            ConsistentRead=True,
        ).get("Item")
        if item is None:
            raise ProblemError(
                f"there is no order {self.order_id} at {self.stack.target.name}: `make orders` lists those in flight "
                "and the recent ones"
            )
        try:
            return Order.from_item(from_item(item)).model_dump(mode="json")
        except ValidationError as error:
            wrong = ", ".join(".".join(map(str, fault["loc"])) for fault in error.errors())
            raise ProblemError(f"the record of order {self.order_id} cannot be read: {wrong} is wrong") from None

    @cached_property
    def _dynamodb(self) -> "DynamoDBClient":
        return self.stack.client("dynamodb")

    @cached_property
    def _functions(self) -> dict[str, str]:
        """The functions' names in the template by their names on AWS."""
        cloudformation = self.stack.client("cloudformation")
        pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=self.stack.target.stack_name)
        return {
            resource["PhysicalResourceId"]: resource["LogicalResourceId"]
            for page in pages
            for resource in page["StackResourceSummaries"]
            if resource["ResourceType"] == "AWS::Lambda::Function"
        }
