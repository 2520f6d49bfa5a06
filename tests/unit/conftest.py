"""Every unit test has virtual time, gateway books of its own and no network."""

import socket
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from payments import provider
from saga import in_flight, marks, recovery, table
from saga.provider import guarded
from saga.settings import settings
from saga.telemetry import logger
from shipping import provider as carriers
from tests.unit.books import Books
from tests.unit.fixtures import clock, context, deployed_stack, stack
from tests.unit.moto_stack import Log, MotoStack
from tests.unit.scripted_gateway import ScriptedGateway
from tests.unit.world import World
from tests.virtual_clock import VirtualClock

__all__ = ["clock", "context", "deployed_stack", "stack"]


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def connect(*_: Any) -> None:
        pytest.fail("a unit test tried to open a connection")

    monkeypatch.setattr(socket.socket, "connect", connect)


@pytest.fixture(autouse=True)
def _settings_of_this_test() -> Iterator[None]:
    """What a test says in the environment is in force in it, and in no other."""
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.fixture(autouse=True)
def gateway(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ScriptedGateway:
    """The payment provider; without this its books would outlive the test, in the temporary directory."""
    scripted = ScriptedGateway(tmp_path / "books.sqlite")
    monkeypatch.setattr(provider.gateway, "__dict__", vars(guarded(scripted)))
    return scripted


@pytest.fixture(autouse=True)
def _closed_circuit(monkeypatch: pytest.MonkeyPatch) -> None:
    """A carrier of which nobody has heard that it is unreachable."""
    monkeypatch.setattr(carriers.carrier, "__dict__", vars(guarded(carriers.adapter)))


@pytest.fixture
def books(gateway: ScriptedGateway) -> Books:
    """The gateway's books."""
    return Books(gateway.books)


@pytest.fixture
def world(stack: MotoStack, books: Books, clock: VirtualClock, gateway: ScriptedGateway) -> World:
    return World(stack, books, clock, gateway)


@pytest.fixture(autouse=True)
def log(monkeypatch: pytest.MonkeyPatch) -> Log:
    """What the functions log from now on, metrics included."""
    log = Log()
    monkeypatch.setattr(logger.registered_handler, "stream", log.stream)
    return log


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses that a retried write makes; they pass at once."""
    pauses: list[float] = []
    monkeypatch.setattr("tenacity.time", SimpleNamespace(monotonic=lambda: sum(pauses)))
    for repeated in (table.create, table.advance, marks.put, in_flight.read_left, recovery.publish_left):
        monkeypatch.setattr(repeated.retry, "sleep", pauses.append)
    return pauses
