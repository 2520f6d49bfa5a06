"""What the functions find when they start."""

import gc
import os
import signal
from collections.abc import Iterator

import pytest
from hypothesis.configuration import set_hypothesis_home_dir

from tests import failing_examples
from tests.botocore_files import parse_once

# A developer's shell may point somewhere; the tests never do.
for variable in ("AWS_ENDPOINT_URL", "AWS_PROFILE"):
    os.environ.pop(variable, None)
# Started in the background or by nohup, the tests would ignore these, and so would what they start; some send them.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)
# Here, for Powertools reads the environment when a function is imported.
os.environ.update(
    {
        "EVENT_BUS_NAME": "test-bus",
        "RECORDS_TABLE_NAME": "test-records",
        "DEADLINE_SECONDS": "900",
        "PENDING_DEADLINE_SECONDS": "3600",
        "RECOVER_AFTER_SECONDS": "60",
        "LAST_RELEASE": "gone",
        "PROVIDER_TIMEOUT_SECONDS": "2",
        "POWERTOOLS_SERVICE_NAME": "test",
        "POWERTOOLS_METRICS_NAMESPACE": "Saga",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
)


parse_once()
failing_examples.keep()

# At the end, how much was proven; where tests/e2e deploys to; what is left out; and Stripe, for who asks for it.
pytest_plugins = ["tests.proven", "tests.backend", "tests.slow", "tests.stripe_at_hand.fixtures"]


def pytest_collection_finish() -> None:
    """Search rarely for garbage, and not among the tests themselves: that took a fifth of the processor's time."""
    gc.freeze()
    gc.set_threshold(700, 10, 100)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that names the release which is mixed with this one."""
    parser.addoption("--last-release", help="a folder with the last release's template.yaml and src; without one, this")


@pytest.fixture(scope="session", autouse=True)
def _nothing_left_behind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Hypothesis writes more than its database into the project's folder; let it write that elsewhere."""
    set_hypothesis_home_dir(tmp_path_factory.mktemp("hypothesis"))
    yield
    set_hypothesis_home_dir(None)
