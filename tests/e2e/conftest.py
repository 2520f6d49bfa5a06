"""A stack of the tests' own: the real template, built and deployed on an emulator on a free port."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.base.stack import Stack
from tools.base.target import Target
from tools.deploying.build import build
from tools.deploying.deploy import deploy
from tools.emulator.embedded import Emulator

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep all tests of one stack in one process, so that there is one emulator for them."""
    for item in items:
        if HERE in item.path.parents and not any(item.iter_markers("xdist_group")):
            item.add_marker(pytest.mark.xdist_group("emulator"))


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="session")
def target() -> Target:
    """The place that the tests deploy to."""
    endpoint = f"http://127.0.0.1:{free_port()}"
    return Target(stage="local", endpoint=endpoint, region="us-east-1", stack_name="order-saga-local")


@pytest.fixture(scope="session")
def emulator(target: Target, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """A running emulator."""
    running = Emulator(port=target.port, home=tmp_path_factory.mktemp("emulator") / "home")
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def stack(target: Target, emulator: Emulator) -> Stack:
    """The deployed stack."""
    assert emulator.endpoint == target.endpoint
    build(target)
    deploy(target)
    return Stack.of(target)
