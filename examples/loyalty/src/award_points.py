"""Award points for each shipped order: one for each full unit of the currency that was charged.

The function knows the event's published schema and nothing else of the saga.
"""

import json
import os
import time
from typing import Any

import boto3

REMEMBERED = 400 * 24 * 60 * 60
"""Seconds for which a counted event is remembered: longer than any archive or dead-letter queue can repeat it."""

table_name = os.environ["POINTS_TABLE_NAME"]
dynamodb = boto3.client("dynamodb")


def handler(event: dict[str, Any], _context: object) -> None:
    """Add the points of one ShippingScheduled event, unless this event was counted before."""
    shipped = event["detail"]
    counted = {"id": {"S": f"event#{shipped['eventId']}"}, "expiresAt": {"N": str(int(time.time()) + REMEMBERED)}}
    award = {
        "TableName": table_name,
        "Key": {"id": {"S": f"customer#{shipped['customerId']}"}},
        "UpdateExpression": "ADD points :points",
        "ExpressionAttributeValues": {":points": {"N": str(shipped["amount"] // 100)}},
    }
    once = {"TableName": table_name, "Item": counted, "ConditionExpression": "attribute_not_exists(id)"}
    try:
        dynamodb.transact_write_items(TransactItems=[{"Put": once}, {"Update": award}])
    except dynamodb.exceptions.TransactionCanceledException as error:
        if error.response["CancellationReasons"][0]["Code"] != "ConditionalCheckFailed":
            raise
        print(json.dumps({"eventId": shipped["eventId"], "delivery": "duplicate"}))
    else:
        print(json.dumps({"eventId": shipped["eventId"], "delivery": "first"}))
