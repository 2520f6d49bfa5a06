"""The way from a container to a port of this machine's loopback."""

import socket
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from threading import Thread

import httpx
import pytest

from tools.emulator.docker import Bridge
from tools.emulator.port_forwarding import HOST, forwarded

HERE = Bridge("127.0.0.1", ip_network("127.0.0.0/8"))
"""This machine's loopback, taken for Docker's bridge."""
ELSEWHERE = Bridge("203.0.113.1", ip_network("203.0.113.0/24"))
"""An address that no machine has (RFC 5737): of an engine in a virtual machine."""
LARGE = b"x" * 1_000_000


class Echo(BaseHTTPRequestHandler):
    """Answers with what it was sent, says under which name it was asked, and hangs up, which ends the answer."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Asked-As", str(self.headers["Host"]))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@pytest.fixture
def port() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Echo) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def test_what_a_container_sends_arrives_and_so_does_the_answer_under_the_name_that_was_signed(port: int) -> None:
    with forwarded(port, HERE) as url:
        assert url.startswith(f"http://{HOST}:")
        answer = httpx.post(url.replace(HOST, "127.0.0.1"), content=LARGE, headers={"Host": url[7:]})
    assert answer.content == LARGE
    assert answer.headers["Asked-As"] == url[7:]


def test_the_passage_is_shut_when_it_is_no_longer_needed(port: int) -> None:
    with forwarded(port, HERE) as url:
        pass
    with pytest.raises(httpx.ConnectError):
        httpx.post(url.replace(HOST, "127.0.0.1"), content=b"")


def test_only_the_bridges_own_containers_come_through(port: int) -> None:
    others = Bridge("127.0.0.1", ip_network("172.17.0.0/16"))
    with forwarded(port, others) as url, pytest.raises(httpx.TransportError):
        httpx.post(url.replace(HOST, "127.0.0.1"), content=b"")


def test_an_engine_in_a_virtual_machine_leads_the_name_to_the_port_itself(port: int) -> None:
    with forwarded(port, ELSEWHERE) as url:
        assert url == f"http://{HOST}:{port}"


def test_a_port_where_nobody_listens_ends_the_connection(port: int) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        nobodys = probe.getsockname()[1]
    assert nobodys != port
    with forwarded(nobodys, HERE) as url, pytest.raises(httpx.TransportError):
        httpx.post(url.replace(HOST, "127.0.0.1"), content=b"")
