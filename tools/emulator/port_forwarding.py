"""Forwards a port from containers to the emulator, which listens on loopback alone.

A container knows the machine of its engine as `host.docker.internal`. Docker Desktop leads that name to the services of
the machine, those on loopback among them (Docker Desktop manual, "Explore networking how-tos"). On Linux it is the
address of Docker's bridge, where nothing listens: there a forwarder does, for as long as it is needed, and for
containers only. The embedded emulator has one of its own, on its own port; other emulators get one for each command.
"""

import socket
import socketserver
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from ipaddress import ip_address
from threading import Thread

from tools.emulator.docker import Bridge

HOST = "host.docker.internal"
ADD_HOST = f"{HOST}:host-gateway"
"""What makes the name known in a container on Linux (Docker CLI reference, "docker container run", --add-host)."""
BRIDGE = "EMULATOR_BRIDGE"
"""The variable that tells the embedded emulator on which bridge it has to listen as well."""
CHUNK = 65_536
"""Bytes that are copied at once."""


@contextmanager
def forwarded(port: int, bridge: Bridge) -> Iterator[str]:
    """Yield the URL under which a container reaches a port of this machine's loopback, while the block runs."""
    try:
        forwarder = _Forwarder(port, bridge)
    except OSError:
        # The bridge is not on this machine: the engine runs in a virtual machine, which leads the name to loopback.
        yield f"http://{HOST}:{port}"
        return
    with forwarder:
        Thread(target=forwarder.serve_forever, args=(0.05,), daemon=True).start()
        try:
            yield f"http://{HOST}:{forwarder.server_address[1]}"
        finally:
            forwarder.shutdown()


def forward_always(port: int, bridge: Bridge) -> None:
    """Forward the same port of the bridge for as long as this process runs; do nothing if it is not to be had."""
    with suppress(OSError):
        Thread(target=_Forwarder(port, bridge, at=port).serve_forever, daemon=True).start()


class _Forwarder(socketserver.ThreadingTCPServer):
    """Listens at the bridge's address, on a port that is free there or on a given one."""

    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False

    def __init__(self, port: int, bridge: Bridge, at: int = 0) -> None:
        super().__init__((bridge.gateway, at), _Connection)
        self.port = port
        self._containers = bridge.containers

    def verify_request(self, request: object, client_address: object) -> bool:
        """Take connections of the bridge's own containers alone."""
        del request
        return isinstance(client_address, tuple) and ip_address(client_address[0]) in self._containers


class _Connection(socketserver.BaseRequestHandler):
    """One connection of a container, and the one to the emulator that its bytes go over."""

    server: _Forwarder

    def handle(self) -> None:
        """Copy both ways until both sides are done."""
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.server.port)) as emulator:
            answers = Thread(target=_copy, args=(emulator, self.request), daemon=True)
            answers.start()
            _copy(self.request, emulator)
            answers.join()


def _copy(source: socket.socket, to: socket.socket) -> None:
    with suppress(OSError):
        while chunk := source.recv(CHUNK):
            to.sendall(chunk)
        to.shutdown(socket.SHUT_WR)
