"""The stack that unit and contract tests share."""

from collections.abc import Iterator

import pytest

from tests.unit.moto_stack import Context, MotoStack, deployed
from tests.unit.stories import PLACED
from tests.virtual_clock import VirtualClock


@pytest.fixture(scope="module")
def deployed_stack() -> Iterator[MotoStack]:
    with deployed() as stack:
        yield stack


@pytest.fixture
def stack(deployed_stack: MotoStack) -> MotoStack:
    """The stack, shared by a module's tests: each begins with an empty one."""
    deployed_stack.clear()
    return deployed_stack


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> VirtualClock:
    clock = VirtualClock(PLACED)
    monkeypatch.setattr("saga.clock.datetime", clock)
    return clock


@pytest.fixture
def context() -> Context:
    return Context()
