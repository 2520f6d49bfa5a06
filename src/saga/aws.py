"""The two AWS clients, made once a Lambda environment, and how long they try.

A call may take 1 s to connect and 2 s to answer and is tried three times, with the jittered backoff of botocore's
standard mode (AWS SDKs and Tools Reference Guide, "Retry behavior"), at most 3 s in all: 12 s at the worst. A step
reads at most once, writes, and publishes once; conflicts prolong its write by 10 s: 46 s at the worst, which leaves a
provider 14 s of the function's 60. CreateOrder writes and publishes: 24 s, inside the 29 s that API Gateway waits.
A call whose answer was lost is repeated as well; the saga's writes are conditional and its events idempotent.

They are botocore's clients, which are what boto3's are: importing boto3 as well would prolong each cold start
(docs/decisions/cold-starts.md).
"""

import os
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from botocore import __version__ as botocore_version
from botocore.config import Config
from botocore.loaders import Loader
from botocore.session import get_session

from saga import snap_start  # noqa: F401  whoever calls AWS retries with jitter

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_events import EventBridgeClient

CONFIG = Config(
    connect_timeout=1,
    read_timeout=2,
    retries={"mode": "standard", "total_max_attempts": 3},
    tcp_keepalive=True,
    # A third of a call's processor time went into these two: checking the arguments, which mypy and the unit tests do,
    # and composing anew, for each call, who it is that calls.
    parameter_validation=False,
    user_agent=f"order-saga Botocore/{botocore_version}",
)


class TwoServices(Loader):
    """Knows the services of this saga. botocore's own loader looks through the folders of all 400 first."""

    def list_available_services(self, type_name: str) -> list[str]:  # noqa: ARG002  the loader's signature
        """Name the services."""
        return ["dynamodb", "events"]


_session = get_session()
_session.register_component("data_loader", TwoServices())


def client(service: str) -> Any:
    """Make a client."""
    return _session.create_client(service, config=CONFIG)


@cache
def dynamodb() -> "DynamoDBClient":
    """Give the DynamoDB client."""
    return cast("DynamoDBClient", client("dynamodb"))


@cache
def events() -> "EventBridgeClient":
    """Give the EventBridge client."""
    return cast("EventBridgeClient", client("events"))


def make_at_start(give: Callable[[], Any]) -> None:
    """Make a client while its Lambda environment starts, and no event waits for it yet; elsewhere, once it is needed.

    The rule: AWS Lambda Developer Guide, "Best practices for working with AWS Lambda functions".
    """
    if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
        give()
