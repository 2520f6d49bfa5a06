"""AWS without a network: botocore does all of its work on a call but the sending, and every call succeeds at once."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from copy import deepcopy
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from zlib import crc32

from botocore import xform_name
from botocore.awsrequest import AWSResponse

EVENT_ID = "11710aed-b79e-4468-a20b-bb3c0c3b4860"
ANSWERS: dict[str, dict[str, Any]] = {"PutEvents": {"FailedEntryCount": 0, "Entries": [{"EventId": EVENT_ID}]}}
"""What is answered to an operation, as for one event; to all others, an empty object: a write that took effect."""


@dataclass(frozen=True)
class Call:
    """A call of AWS with the arguments that some code gave it."""

    client: Any
    operation: str
    arguments: dict[str, Any]

    def repeat(self) -> Any:
        """Make the call once more, and return its answer."""
        return getattr(self.client, xform_name(self.operation))(**self.arguments)


def answer_at_once(client: Any) -> None:
    """Answer this client's calls where they would be sent; they are serialized, signed and parsed as ever."""
    client.meta.events.register("before-send", _answer)


def calls_of(run: Callable[[], object], *clients: Any) -> list[Call]:
    """Run a piece of code, and return the calls that it makes with these clients, in order."""
    calls = list[Call]()
    with ExitStack() as recorders:
        for client in clients:
            recorders.enter_context(_recorder(client, calls))
        run()
    return calls


@contextmanager
def _recorder(client: Any, calls: list[Call]) -> Iterator[None]:
    def record(params: dict[str, Any], model: Any, **_: Any) -> None:
        # A copy: botocore adds a token of its own to a transaction's arguments.
        calls.append(Call(client, model.name, deepcopy(params)))

    client.meta.events.register("provide-client-params", record)
    yield
    client.meta.events.unregister("provide-client-params", record)


class _Body(BytesIO):
    def stream(self) -> Iterator[bytes]:
        """Yield all of it, as botocore reads what urllib3 received."""
        yield self.read()


def _answer(request: Any, event_name: str, **_: Any) -> AWSResponse:
    body = json.dumps(ANSWERS.get(event_name.rpartition(".")[2], {})).encode()
    # DynamoDB's answers have a checksum, which botocore looks at.
    headers: Any = {"x-amzn-RequestId": EVENT_ID, "x-amz-crc32": str(crc32(body))}
    return AWSResponse(request.url, 200, headers, _Body(body))
