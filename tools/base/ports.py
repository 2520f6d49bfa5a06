"""Ports of this machine."""

import socket
from contextlib import suppress
from random import randrange

BELOW_CLIENTS = (20_000, 32_000)
"""Ports that no system gives to outgoing connections: Linux takes those from 32,768 up, macOS from 49,152."""


def free_port() -> int:
    """Return a port that nobody listens on, and that no connection takes until somebody does."""
    while True:
        port = randrange(*BELOW_CLIENTS)  # noqa: S311  no secret
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
