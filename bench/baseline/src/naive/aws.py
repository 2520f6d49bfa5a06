"""The two AWS clients, made while Lambda starts the environment, and what the steps do with them."""

import json
import os
from datetime import UTC, datetime
from typing import Any

import boto3

dynamodb = boto3.client("dynamodb")
events = boto3.client("events")

BUS = os.environ["EVENT_BUS_NAME"]
ORDERS = os.environ["RECORDS_TABLE_NAME"]
INVENTORY = os.environ["INVENTORY_TABLE_NAME"]

Fields = dict[str, Any]


def now() -> str:
    """Return the current time as UTC ISO 8601 to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def log(event: Fields) -> None:
    """Print what a function was called with."""
    print(json.dumps(event))  # noqa: T201  Lambda logs what is printed


def to_item(fields: Fields) -> dict[str, Any]:
    """Write text and whole numbers as DynamoDB does."""
    return {name: {"N": str(value)} if isinstance(value, int) else {"S": value} for name, value in fields.items()}


def change(order_id: str, **fields: str) -> None:
    """Set fields of an order's record, and when it was changed."""
    fields["updatedAt"] = now()
    dynamodb.update_item(
        TableName=ORDERS,
        Key=to_item({"orderId": order_id}),
        UpdateExpression="SET " + ", ".join(f"#{name} = :{name}" for name in fields),
        ExpressionAttributeNames={f"#{name}": name for name in fields},
        ExpressionAttributeValues=to_item({f":{name}": value for name, value in fields.items()}),
    )


def publish(detail_type: str, detail: Fields) -> None:
    """Put an event on the bus."""
    events.put_events(
        Entries=[{"EventBusName": BUS, "Source": "order-saga", "DetailType": detail_type, "Detail": json.dumps(detail)}]
    )
