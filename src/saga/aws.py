"""The AWS clients, made once a Lambda environment, and how long they try.

A call may take 1 s to connect and 2 s to answer and is tried three times, with the jittered backoff of botocore's
standard mode (AWS SDKs and Tools Reference Guide, "Retry behavior"), at most 3 s in all: 12 s at the worst. A step
reads at most once, writes, and publishes once; conflicts prolong its write by 10 s: 46 s at the worst, which leaves a
provider 14 s of the function's 60. (One that is refused or stopped in the midst of that writes once more; if no time is
left for it, Lambda's retry does it.) What starts a saga writes, against conflicts for 3 s, and publishes: 27 s, inside
the 29 s that API Gateway waits. docs/figures.yaml has these figures. A call whose answer was lost is repeated as well;
the saga's writes are conditional and its events idempotent.
"""

import gzip
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
from botocore import __version__ as botocore_version
from botocore.config import Config
from botocore.exceptions import DataNotFoundError
from botocore.loaders import JSONFileLoader, Loader
from botocore.session import get_session
from pydantic_core import from_json

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
    user_agent=f"saga Boto3/{boto3.__version__} Botocore/{botocore_version}",
)


class PlainFiles(JSONFileLoader):
    """botocore's reader of its models, into plain dicts and by Pydantic's parser: that takes half the time."""

    def load_file(self, file_path: str) -> Any:
        """Return what the file holds, None if there is none."""
        for ending, unpacked in ((".json", bytes), (".json.gz", gzip.decompress)):
            with suppress(FileNotFoundError):
                return from_json(unpacked(Path(file_path + ending).read_bytes()))
        return None


SHORT_LISTS = str(Path(__file__).with_name("botocore"))
"""The folder into which the build writes botocore's list of endpoints without the services that nobody calls."""


class QuickLoader(Loader):
    """botocore's loader; before the first client it neither looks for all 400 services nor reads their endpoints."""

    FILE_LOADER_CLASS = PlainFiles

    def __init__(self) -> None:
        super().__init__(extra_search_paths=[SHORT_LISTS])

    def is_builtin_path(self, path: str) -> bool:
        """Return whether a file is botocore's own, as the short list is."""
        return path.startswith(SHORT_LISTS) or bool(super().is_builtin_path(path))

    def list_available_services(self, type_name: str) -> Any:
        """Return the services, found only if somebody lists them; whether one is among them is known at once."""
        return _Services(self, type_name)


class _Services:
    def __init__(self, loader: QuickLoader, type_name: str) -> None:
        self._loader, self._type_name = loader, type_name

    def __contains__(self, service: str) -> bool:
        try:
            self._loader.list_api_versions(service, self._type_name)
        except DataNotFoundError:
            return False
        return True

    def __iter__(self) -> Iterator[str]:
        return iter(Loader.list_available_services(self._loader, self._type_name))


@cache
def _session() -> boto3.Session:
    core = get_session()
    core.register_component("data_loader", QuickLoader())
    return boto3.Session(botocore_session=core)


def client(service: str) -> Any:
    """Return a new client of any AWS service."""
    return _session().client(service, config=CONFIG)  # type: ignore[call-overload]  # the stubs know names only


@cache
def dynamodb() -> "DynamoDBClient":
    """Return the DynamoDB client."""
    made: DynamoDBClient = client("dynamodb")
    return made


@cache
def events() -> "EventBridgeClient":
    """Return the EventBridge client."""
    made: EventBridgeClient = client("events")
    return made


def make_at_start(make: Callable[[], Any]) -> None:
    """Make a client while its Lambda environment starts, and no event waits for it yet; elsewhere, once it is needed.

    The rule: AWS Lambda Developer Guide, "Best practices for working with AWS Lambda functions".
    """
    if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
        make()
