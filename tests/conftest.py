"""What the functions find when they start, and the stack that unit and contract tests share."""

import os
from collections.abc import Iterator

import pytest

from tests.unit.stack import BUS, INVENTORY, ORDERS, Context, Stack, VirtualClock, deployed
from tests.unit.stories import PLACED

# Here, for Powertools reads the environment when a function is imported.
os.environ.update(
    {
        "EVENT_BUS_NAME": BUS,
        "ORDERS_TABLE_NAME": ORDERS,
        "INVENTORY_TABLE_NAME": INVENTORY,
        "DEADLINE_SECONDS": "900",
        "RECOVER_AFTER_SECONDS": "60",
        "POWERTOOLS_SERVICE_NAME": "test",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
)


@pytest.fixture(scope="module")
def deployed_stack() -> Iterator[Stack]:
    with deployed() as stack:
        yield stack


@pytest.fixture
def stack(deployed_stack: Stack) -> Stack:
    """The stack, shared by a module's tests: each uses orders and skus of its own."""
    deployed_stack.wire.clear()
    return deployed_stack


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> VirtualClock:
    clock = VirtualClock(PLACED)
    monkeypatch.setattr("saga.clock.datetime", clock)
    return clock


@pytest.fixture
def context() -> Context:
    return Context()
