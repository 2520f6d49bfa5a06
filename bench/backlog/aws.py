"""DynamoDB and EventBridge as a small HTTP server that holds a backlog of stuck orders, with AWS's latencies."""

import json
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any, cast
from uuid import UUID, uuid4

from bench.growth.recovering import latency
from saga.table import SHARDS

PAGE = 5_000
"""Orders on a page of the in-flight index: 1 MB (Amazon DynamoDB API Reference, "Query") of about 200 bytes each."""


class Backlog(ThreadingHTTPServer):
    """Serves the calls of recovery; every stuck order has the same record, but for its id."""

    # Recovery opens its connections all at once.
    request_queue_size = 64

    def __init__(self, orders: int, item: Mapping[str, Any]) -> None:
        super().__init__(("127.0.0.1", 0), _Request)
        self.keys = [str(UUID(int=number)) for number in range(orders)]
        self.item = item
        self.calls, self.published = Counter[str](), Counter[str]()
        """Calls by operation, and events by order."""
        self.lock = Lock()

    @property
    def url(self) -> str:
        """The endpoint for AWS clients."""
        return f"http://127.0.0.1:{self.server_port}"

    def answer(self, operation: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Return the answer to a call. Raises `KeyError` if recovery does not make such a call."""
        with self.lock:
            self.calls[operation] += 1
        match operation:
            case "Query":
                return self._page(arguments)
            case "BatchGetItem":
                ((table, request),) = arguments["RequestItems"].items()
                found = [{**self.item, "orderId": key["orderId"]} for key in request["Keys"]]
                return {"Responses": {table: found}, "UnprocessedKeys": {}}
            case "PutEvents":
                return self._take(arguments["Entries"])
        raise KeyError(operation)

    def _page(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        shard = int(arguments["ExpressionAttributeValues"][":shard"]["S"])
        begin = int(arguments.get("ExclusiveStartKey", {"at": {"N": "0"}})["at"]["N"])
        keys = self.keys[shard::SHARDS]
        found = [{"orderId": {"S": key}} for key in keys[begin : begin + PAGE]]
        page: dict[str, Any] = {"Items": found, "Count": len(found), "ScannedCount": len(found)}
        if begin + PAGE < len(keys):
            page["LastEvaluatedKey"] = {"at": {"N": str(begin + PAGE)}}
        return page

    def _take(self, entries: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        with self.lock:
            self.published.update(json.loads(entry["Detail"])["orderId"] for entry in entries)
        return {"FailedEntryCount": 0, "Entries": [{"EventId": str(uuid4())} for _ in entries]}


class _Request(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        began = time.monotonic()
        arguments = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        operation = self.headers["X-Amz-Target"].partition(".")[2]
        body = json.dumps(cast("Backlog", self.server).answer(operation, arguments)).encode()
        time.sleep(max(0.0, latency(operation) / 1_000 - (time.monotonic() - began)))
        self.send_response(200)
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@contextmanager
def backlog(orders: int, item: Mapping[str, Any]) -> Iterator[Backlog]:
    """Serve until the block ends; `item` is the record of each stuck order, as DynamoDB has it."""
    with Backlog(orders, item) as served:
        thread = Thread(target=served.serve_forever)
        thread.start()
        try:
            yield served
        finally:
            served.shutdown()
            thread.join()
