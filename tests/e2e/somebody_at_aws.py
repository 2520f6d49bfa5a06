"""Somebody with an AWS account, who types plain `sam` and `samlocal` in an activated .venv of a copy of the project."""

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import IO

from tests.e2e.copies import Copy
from tools.base.stack import Stack
from tools.base.target import EMULATOR_REGION, Target

LOGGED_IN = {
    "AWS_ACCESS_KEY_ID": "EXAMPLE-KEY",
    "AWS_SECRET_ACCESS_KEY": "a secret",
    "AWS_SESSION_TOKEN": "a token",
    "AWS_REGION": "eu-central-1",
    "AWS_DEFAULT_REGION": "eu-central-1",
}
"""What a shell has that is logged in to an account."""
QUIET = {"SAM_CLI_TELEMETRY": "0", "SAMCLI_CHECK_UPDATES": "0", "DISABLE_DEPRECATION_NOTICE": "1"}


class Terminal:
    """A shell that is logged in to AWS, in a copy of the project whose emulator runs on a port of its own."""

    def __init__(self, copy: Copy) -> None:
        self.copy = copy
        endpoint = f"http://127.0.0.1:{copy.port}"
        self.target = Target(stage="local", endpoint=endpoint, region=EMULATOR_REGION, stack_name="order-saga-local")
        self._at_the_emulator = {"AWS_ENDPOINT_URL": endpoint}

    @property
    def stack(self) -> Stack:
        """What is deployed now."""
        return Stack.of(self.target)

    def types(self, command: str) -> subprocess.CompletedProcess[str]:
        """Type a command; AWS_ENDPOINT_URL names the emulator's port, as it does wherever that is not 4566."""
        return self.copy.activated(command, **QUIET, **LOGGED_IN, **self._at_the_emulator)

    def starts(self, command: str, into: IO[bytes]) -> subprocess.Popen[bytes]:
        """Type a command that runs until Ctrl-C; what it prints goes into a file."""
        return self.copy.starts(command, into, **QUIET, **LOGGED_IN, **self._at_the_emulator)

    def succeeds(self, command: str) -> str:
        """Type a command, which ends with 0; return what it printed."""
        done = self.types(command)
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        return done.stdout

    def forgets_the_endpoint(self, command: str) -> tuple[int, list[str]]:
        """Type a command without AWS_ENDPOINT_URL; return its exit status, and the hosts that it wanted to call."""
        with _wall() as (url, hosts):
            done = self.copy.activated(command, **QUIET, **LOGGED_IN, HTTPS_PROXY=url, AWS_MAX_ATTEMPTS="1")
            return done.returncode, hosts


@contextmanager
def at_a_terminal(folder: Path, running: Target | None) -> Iterator[Terminal]:
    """Yield a terminal after `make up`; the copy and what it deployed go with the block."""
    copy = Copy(folder / "order-saga", running)
    copy.make("up")
    terminal = Terminal(copy)
    yield terminal
    if running and Stack.find(terminal.target) is None:
        return
    copy.discard()


@contextmanager
def _wall() -> Iterator[tuple[str, list[str]]]:
    """Yield the URL of a proxy that connects nobody, and the hosts that it was asked for."""
    hosts: list[str] = []

    class Wall(BaseHTTPRequestHandler):
        def do_CONNECT(self) -> None:
            hosts.append(re.sub(r":\d+$", "", self.path))
            self.send_error(502)

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Wall) as server:
        Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}", hosts
        server.shutdown()
