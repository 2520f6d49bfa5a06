"""Leaves slow tests out of `make test`: those that take long and rarely fail. CI runs them at each change."""

from collections.abc import Iterable
from typing import Any

import pytest

LEFT_OUT = "slow tests were left out: `make test SLOW=yes` runs them too, and so does ARGS=<their file>"


def slow_but_for(values: Iterable[Any], quick: int = 1) -> list[Any]:
    """Return values as parameters of a test; with those that come after the first ones, the test is slow."""
    return [
        pytest.param(value, marks=[pytest.mark.slow] if number >= quick else []) for number, value in enumerate(values)
    ]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that includes them; `make test SLOW=yes` sets it."""
    parser.addoption("--slow", action="store_true", help="run the slow tests too")


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker."""
    config.addinivalue_line("markers", "slow: left out without --slow, unless its file is named")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave them out, but not those whose file was named."""
    if config.getoption("--slow"):
        return
    named = {(config.invocation_params.dir / argument.partition("::")[0]).resolve() for argument in config.args}
    left_out = {item for item in items if item.get_closest_marker("slow") and item.path not in named}
    if left_out:
        config.hook.pytest_deselected(items=list(left_out))
        items[:] = [item for item in items if item not in left_out]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say so. The process that reports has not collected the tests if several run them."""
    if config.args == config.getini("testpaths") and not config.getoption("--slow"):
        terminalreporter.line(LEFT_OUT)
