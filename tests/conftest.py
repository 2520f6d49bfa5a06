"""What the functions find when they start, and the stack that unit and contract tests share."""

import os
import signal
from collections.abc import Iterator

import pytest
from hypothesis.configuration import set_hypothesis_home_dir

from tests.unit.moto_stack import BUS, INVENTORY, ORDERS, Context, MotoStack, deployed
from tests.unit.stories import PLACED
from tests.virtual_clock import VirtualClock

# A developer's shell may point somewhere; the tests never do.
for variable in ("AWS_ENDPOINT_URL", "AWS_PROFILE"):
    os.environ.pop(variable, None)
# Started in the background or by nohup, the tests would ignore these, and so would what they start; some send them.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)
# Here, for Powertools reads the environment when a function is imported.
os.environ.update(
    {
        "EVENT_BUS_NAME": BUS,
        "RECORDS_TABLE_NAME": ORDERS,
        "INVENTORY_TABLE_NAME": INVENTORY,
        "DEADLINE_SECONDS": "900",
        "RECOVER_AFTER_SECONDS": "60",
        "POWERTOOLS_SERVICE_NAME": "test",
        "POWERTOOLS_METRICS_NAMESPACE": "OrderSaga",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
)


# At the end, how much was proven.
pytest_plugins = ["tests.proven"]


@pytest.fixture(scope="session", autouse=True)
def _nothing_left_behind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Hypothesis writes into the project's folder even without its database; let it write elsewhere."""
    set_hypothesis_home_dir(tmp_path_factory.mktemp("hypothesis"))
    yield
    set_hypothesis_home_dir(None)


@pytest.fixture(scope="module")
def deployed_stack() -> Iterator[MotoStack]:
    with deployed() as stack:
        yield stack


@pytest.fixture
def stack(deployed_stack: MotoStack) -> MotoStack:
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
