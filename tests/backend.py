"""Which backend the tests in tests/e2e deploy to: an embedded emulator of their own, or one that runs already."""

import os

import pytest

from tools.base.target import Backend
from tools.emulator.adapter import Feature
from tools.emulator.backends import ADAPTERS


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options that name a backend that runs already; `make test-backend` sets them."""
    group = parser.getgroup("backend", "the backend that tests/e2e deploys to")
    group.addoption("--backend", choices=list(Backend), default=Backend.EMBEDDED, help="what answers at the endpoint")
    group.addoption("--endpoint", help="its address; without one, the tests start an embedded emulator themselves")
    group.addoption("--screenshots", help="a folder: the tests of the console put pictures for the docs there")


def pytest_configure(config: pytest.Config) -> None:
    """Let the tools that the tests start know the backend, whatever the shell says of it."""
    backend = backend_of(config)
    if backend is not Backend.EMBEDDED and endpoint_of(config) is None:
        raise pytest.UsageError(
            f"--backend={backend} needs an --endpoint: nothing but the embedded one is started here"
        )
    os.environ["BACKEND"] = backend
    config.addinivalue_line("markers", "needs(feature): skipped on a backend that lacks the feature")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip what a backend cannot pass, with the reason that its adapter gives."""
    adapter = ADAPTERS[backend_of(config)]
    for item in items:
        for marker in item.iter_markers("needs"):
            feature = Feature(marker.args[0])
            if feature in adapter.lacks:
                item.add_marker(pytest.mark.skip(f"{adapter.name}: {adapter.lacks[feature]}"))


def backend_of(config: pytest.Config) -> Backend:
    """Return what answers at the endpoint."""
    return Backend(config.getoption("--backend"))


def endpoint_of(config: pytest.Config) -> str | None:
    """Return the address of a backend that runs already; None if the tests start one."""
    endpoint: str | None = config.getoption("--endpoint")
    return endpoint
