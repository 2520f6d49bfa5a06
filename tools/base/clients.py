"""The clients of AWS services that the tools call with: each reaches one place, with its endpoint and credentials."""

import re
from collections.abc import Callable
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal, overload

from tools.base.root import NAME

if TYPE_CHECKING:
    from boto3 import Session
    from botocore.config import Config
    from botocore.model import OperationModel
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_dynamodb import DynamoDBClient, DynamoDBServiceResource
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_s3 import S3Client, S3ServiceResource
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sts import STSClient

CONNECT_SECONDS = 5
ATTEMPTS = 3
"""Calls in all, until a place that does not answer is given up."""


READING = re.compile(
    # Looking at a queue takes its messages, and puts them back: `make dlq` asks nobody.
    "(Get|List|Describe|Query|Scan|BatchGet|Filter|Head|Select|ReceiveMessage$|ChangeMessageVisibility)"
)
"""The operations that change nothing."""


class Clients:
    """Makes clients for one place. With an `endpoint` they call that, without one they call AWS.

    Before an operation that changes something, `allow_writing` is called with what it does, and may raise.
    """

    def __init__(
        self, session: "Session", endpoint: str | None, allow_writing: Callable[[str], None] = lambda _what: None
    ) -> None:
        self._session, self._endpoint, self._allow_writing = session, endpoint, allow_writing
        session.events.register_first("before-parameter-build.*.*", self._before, unique_id=f"{NAME}-writing")
        # A session makes one client at a time (Boto3 documentation, "Multithreading or multiprocessing").
        self._one_at_a_time = Lock()

    @overload
    def __call__(
        self, service: Literal["cloudformation"], config: "Config | None" = None
    ) -> "CloudFormationClient": ...
    @overload
    def __call__(self, service: Literal["cloudwatch"], config: "Config | None" = None) -> "CloudWatchClient": ...
    @overload
    def __call__(self, service: Literal["dynamodb"], config: "Config | None" = None) -> "DynamoDBClient": ...
    @overload
    def __call__(self, service: Literal["events"], config: "Config | None" = None) -> "EventBridgeClient": ...
    @overload
    def __call__(self, service: Literal["iam"], config: "Config | None" = None) -> "IAMClient": ...
    @overload
    def __call__(self, service: Literal["lambda"], config: "Config | None" = None) -> "LambdaClient": ...
    @overload
    def __call__(self, service: Literal["logs"], config: "Config | None" = None) -> "CloudWatchLogsClient": ...
    @overload
    def __call__(self, service: Literal["s3"], config: "Config | None" = None) -> "S3Client": ...
    @overload
    def __call__(self, service: Literal["sqs"], config: "Config | None" = None) -> "SQSClient": ...
    @overload
    def __call__(self, service: Literal["sts"], config: "Config | None" = None) -> "STSClient": ...
    def __call__(self, service: Any, config: "Config | None" = None) -> Any:
        """Return a client of a service; `config` adds to what all clients have."""
        with self._one_at_a_time:
            return self._session.client(service, endpoint_url=self._endpoint, config=self._config(config))

    @overload
    def resource(self, service: Literal["dynamodb"]) -> "DynamoDBServiceResource": ...
    @overload
    def resource(self, service: Literal["s3"]) -> "S3ServiceResource": ...
    def resource(self, service: Any) -> Any:
        """Return a resource of a service, which takes and returns plain values."""
        with self._one_at_a_time:
            return self._session.resource(service, endpoint_url=self._endpoint, config=self._config(None))

    def _config(self, more: "Config | None") -> "Config":
        from botocore.config import Config

        config = Config(
            connect_timeout=CONNECT_SECONDS,
            retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
            # Where AWS is meant, no variable and no profile leads to an emulator.
            ignore_configured_endpoint_urls=True,  # type: ignore[call-arg]  # the stubs lack it
            # Where the emulator is meant, no proxy is: None would ask the environment.
            proxies={} if self._endpoint else None,
        )
        return config.merge(more) if more else config

    def _before(self, model: "OperationModel", **_rest: object) -> None:
        if not READING.match(model.name):
            self._allow_writing(f"calls {model.name} of")
