"""A client of the Debug Adapter Protocol, as an editor is one."""

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any, BinaryIO

Message = dict[str, Any]
PATIENCE = 30
"""Seconds in which an adapter answers, or an event comes."""


class Client:
    """A connection to an adapter: requests, and the events that came meanwhile."""

    def __init__(self, connection: socket.socket, stream: BinaryIO) -> None:
        self._connection, self._stream = connection, stream
        self._numbers, self._events = count(1), list[Message]()

    def sends(self, command: str, **arguments: Any) -> int:
        """Send a request without waiting for its response; return its number."""
        number = next(self._numbers)
        request = {"seq": number, "type": "request", "command": command, "arguments": arguments}
        body = json.dumps(request).encode()
        self._connection.sendall(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        return number

    def asks(self, command: str, **arguments: Any) -> Message:
        """Send a request, and return the body of its response; fail if the adapter refuses it."""
        return self.response_to(self.sends(command, **arguments))

    def response_to(self, number: int) -> Message:
        """Return the body of the response to a request; fail if the adapter refuses it."""
        while True:
            message = self._read()
            if message["type"] == "event":
                self._events.append(message)
            elif message["type"] == "response" and message["request_seq"] == number:
                assert message["success"], message
                return message.get("body") or {}

    def waits_for(self, event: str) -> Message:
        """Return the body of the next event of this name, also if it came before."""
        for message in self._events:
            if message["event"] == event:
                self._events.remove(message)
                return message.get("body") or {}
        while True:
            message = self._read()
            if message["type"] == "event":
                if message["event"] == event:
                    return message.get("body") or {}
                self._events.append(message)

    def _read(self) -> Message:
        length = 0
        while line := self._stream.readline().strip():
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        read: Message = json.loads(self._stream.read(length))
        return read


@contextmanager
def attached(port: int, breakpoints: dict[str, list[int]]) -> Iterator[Client]:
    """Attach to the adapter on a port with breakpoints, by file and line, each of which it has to confirm."""
    with (
        socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection,
        connection.makefile("rb") as stream,
    ):
        client = Client(connection, stream)
        client.asks("initialize", clientID="test", adapterID="debugpy", pathFormat="path", linesStartAt1=True)
        attaching = client.sends("attach", justMyCode=True)
        client.waits_for("initialized")
        for file, lines in breakpoints.items():
            wanted = [{"line": line} for line in lines]
            confirmed = client.asks("setBreakpoints", source={"path": file}, breakpoints=wanted)["breakpoints"]
            assert [each["verified"] for each in confirmed] == [True] * len(lines)
        client.asks("configurationDone")
        client.response_to(attaching)
        yield client
        client.asks("disconnect", terminateDebuggee=False)
