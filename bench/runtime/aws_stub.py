"""AWS as a small HTTP server on this machine: it answers at once that all went well, and remembers what was asked."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, cast
from uuid import uuid4

from boto3.dynamodb.types import TypeSerializer

SERVICES = {"DynamoDB_20120810": "dynamodb", "AWSEvents": "events"}
"""How requests name the services, in their header X-Amz-Target."""


class AwsStub(ThreadingHTTPServer):
    """Serves DynamoDB, which holds the same record under every key and an empty index, and EventBridge."""

    def __init__(self, record: Mapping[str, Any]) -> None:
        super().__init__(("127.0.0.1", 0), _Request)
        self.record = record
        self.calls: list[dict[str, Any]] = []
        """What was asked: `service`, `operation` and `arguments`, as an SDK takes them."""

    @property
    def url(self) -> str:
        """The endpoint for AWS clients."""
        return f"http://127.0.0.1:{self.server_port}"


def answer_to(operation: str, arguments: Mapping[str, Any], record: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the answer to a call; None if it is not one that the saga makes."""
    match operation:
        case "PutItem" | "UpdateItem" | "TransactWriteItems":
            return {}
        case "GetItem":
            return {"Item": {name: TypeSerializer().serialize(value) for name, value in record.items()}}
        case "Query":
            return {"Items": [], "Count": 0, "ScannedCount": 0}
        case "PutEvents":
            return {"FailedEntryCount": 0, "Entries": [{"EventId": str(uuid4())} for _ in arguments["Entries"]]}
        case _:
            return None


class _Request(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        aws = cast("AwsStub", self.server)
        arguments = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        service, _, operation = self.headers["X-Amz-Target"].partition(".")
        aws.calls.append({"service": SERVICES[service], "operation": operation, "arguments": arguments})
        answer = answer_to(operation, arguments, aws.record)
        known = answer is not None
        body = json.dumps(answer if known else {"__type": "UnknownOperationException", "message": operation}).encode()
        self.send_response(HTTPStatus.OK if known else HTTPStatus.BAD_REQUEST)
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@contextmanager
def aws_stub(record: Mapping[str, Any]) -> Iterator[AwsStub]:
    """Serve until the block ends; `record` is what the tables hold, in plain values."""
    with AwsStub(record) as stub:
        thread = Thread(target=stub.serve_forever)
        thread.start()
        try:
            yield stub
        finally:
            stub.shutdown()
            thread.join()
