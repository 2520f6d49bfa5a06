"""A port that is free stays free until somebody listens on it."""

import socket
from itertools import chain, repeat
from pathlib import Path

import pytest

from tools.base.ports import free_port

CLIENTS = Path("/proc/sys/net/ipv4/ip_local_port_range")
"""From where to where Linux takes the ports of outgoing connections (ip(7))."""


@pytest.mark.skipif(not CLIENTS.exists(), reason="the system is not Linux")
def test_a_port_is_none_of_those_that_connections_get() -> None:
    first, last = map(int, CLIENTS.read_text().split())
    ports = {free_port() for _ in range(50)}
    assert len(ports) > 1
    assert [port for port in ports if first <= port <= last] == []


def test_a_port_that_somebody_listens_on_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as listener:
        taken, free = free_port(), free_port()
        listener.bind(("127.0.0.1", taken))
        listener.listen()
        drawn = chain([taken], repeat(free))
        monkeypatch.setattr("tools.base.ports.randrange", lambda *_: next(drawn))
        assert free_port() == free
