"""The clients of AWS services that the tools call with: each reaches one place, with its endpoint and credentials."""

from threading import Lock
from typing import TYPE_CHECKING, Any, Literal, overload

if TYPE_CHECKING:
    from boto3 import Session
    from botocore.config import Config
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_dynamodb import DynamoDBClient, DynamoDBServiceResource
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_s3 import S3Client, S3ServiceResource
    from mypy_boto3_sqs import SQSClient

CONNECT_SECONDS = 5
ATTEMPTS = 3
"""Calls in all, until a place that does not answer is given up."""


class Clients:
    """Makes clients for one place. With an `endpoint` they call that, without one they call AWS."""

    def __init__(self, session: "Session", endpoint: str | None) -> None:
        self._session, self._endpoint = session, endpoint
        # A session makes one client at a time (Boto3 documentation, "Multithreading or multiprocessing").
        self._one_at_a_time = Lock()

    @overload
    def __call__(
        self, service: Literal["cloudformation"], config: "Config | None" = None
    ) -> "CloudFormationClient": ...
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
    def __call__(self, service: Any, config: "Config | None" = None) -> Any:
        """Return a client of a service; `config` adds to what all clients have."""
        with self._one_at_a_time:
            return self._session.client(service, endpoint_url=self._endpoint, config=_config(config))

    @overload
    def resource(self, service: Literal["dynamodb"]) -> "DynamoDBServiceResource": ...
    @overload
    def resource(self, service: Literal["s3"]) -> "S3ServiceResource": ...
    def resource(self, service: Any) -> Any:
        """Return a resource of a service, which takes and returns plain values."""
        with self._one_at_a_time:
            return self._session.resource(service, endpoint_url=self._endpoint, config=_config(None))


def _config(more: "Config | None") -> "Config":
    from botocore.config import Config

    config = Config(connect_timeout=CONNECT_SECONDS, retries={"mode": "standard", "total_max_attempts": ATTEMPTS})
    return config.merge(more) if more else config
