"""The two AWS clients, made once a Lambda environment, and how long they try.

A call may take 1 s to connect and 2 s to answer and is tried three times, with the jittered backoff of botocore's
standard mode (AWS SDKs and Tools Reference Guide, "Retry behavior"), at most 3 s in all: 12 s at the worst. A step
reads at most once, writes, and publishes once; conflicts prolong its write by 10 s: 46 s at the worst, which leaves a
provider 14 s of the function's 60. CreateOrder writes and publishes: 24 s, inside the 29 s that API Gateway waits.
A call whose answer was lost is repeated as well; the saga's writes are conditional and its events idempotent.
"""

from functools import cache
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_events import EventBridgeClient

CONFIG = Config(
    connect_timeout=1, read_timeout=2, retries={"mode": "standard", "total_max_attempts": 3}, tcp_keepalive=True
)


@cache
def dynamodb() -> "DynamoDBClient":
    """Give the DynamoDB client."""
    return boto3.client("dynamodb", config=CONFIG)


@cache
def events() -> "EventBridgeClient":
    """Give the EventBridge client."""
    return boto3.client("events", config=CONFIG)
