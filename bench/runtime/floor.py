"""The floor of a cold start: a function that makes its AWS clients and the calls that its event names, nothing else."""

import os
from typing import Any

import boto3
from botocore import xform_name
from botocore.config import Config

# As in saga/aws.py. Not imported from there: this is what that is compared with.
CONFIG = Config(
    connect_timeout=1, read_timeout=2, retries={"mode": "standard", "total_max_attempts": 3}, tcp_keepalive=True
)
make_client: Any = boto3.client
CLIENTS = {service: make_client(service, config=CONFIG) for service in os.environ["FLOOR_CLIENTS"].split(",")}


def handler(event: dict[str, Any], _context: object) -> dict[str, int]:
    """Make the calls, and tell how many they were."""
    for call in event["calls"]:
        getattr(CLIENTS[call["service"]], xform_name(call["operation"]))(**call["arguments"])
    return {"calls": len(event["calls"])}
