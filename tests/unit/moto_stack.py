"""The stack's tables and bus, made in moto from the template's own definitions."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from typing import TYPE_CHECKING, Any

import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.config import Config
from moto import mock_aws
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.dynamo_type import DynamoType

from saga import aws
from saga.settings import settings
from saga.table import to_item
from tests.contract.template import RESOURCES
from tests.unit.wire import Wire

if TYPE_CHECKING:
    from moto.dynamodb.models import DynamoDBBackend
    from moto.dynamodb.models.table import Table

BUS, RECORDS = os.environ["EVENT_BUS_NAME"], os.environ["RECORDS_TABLE_NAME"]
INVENTORY = os.environ["INVENTORY_TABLE_NAME"] = "test-inventory"


class MotoStack:
    """What a user sees of a deployed stack: records, shelves and the bus.

    Tables are looked at in moto itself: a call by boto3 takes 20 times as long, and most calls of tests were such.
    """

    def __init__(self) -> None:
        self.wire = Wire()

    # Anew each time: a transaction that is cancelled puts other tables in their place.
    @property
    def _orders(self) -> "Table":
        return _tables().get_table(RECORDS)

    @property
    def _inventory(self) -> "Table":
        return _tables().get_table(INVENTORY)

    def clear(self) -> None:
        """Forget all that tests did."""
        self.remove_records()
        self._inventory.items.clear()
        self.wire.clear()

    def record(self, order_id: str) -> dict[str, Any] | None:
        """Return an order's item, all of it."""
        return _read(self._orders, order_id)

    def put_record(self, record: dict[str, Any]) -> None:
        """Store an order's item."""
        self._orders.put_item(to_item(record))

    def remove_records(self) -> None:
        """Forget all orders."""
        self._orders.items.clear()

    def shelf(self, sku: str) -> int:
        """Return how many pieces lie on a shelf."""
        found = _read(self._inventory, sku)
        assert found is not None
        return int(found["available"])

    def remove_shelf(self, sku: str) -> None:
        """Take a shelf away."""
        self._inventory.delete_item(_key(sku), None)

    def has_shelf(self, sku: str) -> bool:
        """Return whether there is a shelf for a sku."""
        return _read(self._inventory, sku) is not None

    def stock(self, sku: str, available: int) -> None:
        """Put this many pieces on a shelf."""
        self._inventory.put_item(to_item({"sku": sku, "available": available}))


def _tables() -> "DynamoDBBackend":
    found: DynamoDBBackend = dynamodb_backends[DEFAULT_ACCOUNT_ID][os.environ["AWS_DEFAULT_REGION"]]
    return found


def _key(value: str) -> DynamoType:
    return DynamoType({"S": value})


def _read(table: "Table", key: str) -> dict[str, Any] | None:
    item = table.get_item(_key(key))
    return item.to_regular_json() if item else None


@contextmanager
def deployed() -> Iterator[MotoStack]:
    """Make the stack, with clients of its own."""
    with pytest.MonkeyPatch.context() as environment, mock_aws():
        # A developer's own settings would lead out of moto.
        for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_DYNAMODB", "AWS_ENDPOINT_URL_EVENTS"):
            environment.delenv(name, raising=False)
        # Lambda does without these checks; here they show what the types leave open.
        environment.setattr(aws, "CONFIG", aws.CONFIG.merge(Config(parameter_validation=True)))
        _forget_clients()
        aws.events().create_event_bus(Name=BUS)
        _create_table("OrdersTable", RECORDS)
        _create_table("InventoryTable", INVENTORY)
        stack = MotoStack()
        stack.wire.watch(aws.dynamodb())
        stack.wire.watch(aws.events())
        yield stack
        _forget_clients()


def _forget_clients() -> None:
    for cached in (settings, aws.dynamodb, aws.events):
        cached.cache_clear()


def _create_table(logical_id: str, name: str) -> None:
    defined = RESOURCES[logical_id]["Properties"]
    shape = ("BillingMode", "AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes")
    aws.dynamodb().create_table(TableName=name, **{key: defined[key] for key in shape if key in defined})


class Context(LambdaContext):
    """What Lambda tells a function about its run; `remaining` gives the milliseconds left, one answer a question."""

    def __init__(self, *remaining: int) -> None:
        self._function_name = "function"
        self._function_version = "$LATEST"
        self._memory_limit_in_mb = 512
        self._invoked_function_arn = "arn:aws:lambda:us-east-1:123456789012:function:function"
        self._aws_request_id = "request-1"
        self._remaining = list(remaining)

    def get_remaining_time_in_millis(self) -> int:  # type: ignore[override]  # static in Powertools, not in Lambda
        """Return the milliseconds left, 30,000 if nothing else was said."""
        return self._remaining.pop(0) if self._remaining else 30_000


class Echo(StringIO):
    """Keeps what is written, and prints it: to standard output, as in Lambda."""

    def write(self, text: str) -> int:
        """Write, and print."""
        sys.stdout.write(text)
        return super().write(text)


class Log:
    """What the functions logged, a line of JSON each."""

    def __init__(self) -> None:
        self.stream = Echo()

    @property
    def text(self) -> str:
        """All of it."""
        return self.stream.getvalue()

    @property
    def lines(self) -> list[dict[str, Any]]:
        """The lines, read."""
        return [json.loads(line) for line in self.text.splitlines()]
