"""A stack of the tests' own: the real template, built and deployed on an emulator."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.backend import backend_of, endpoint_of
from tools.base.ports import free_port
from tools.base.stack import Stack
from tools.base.target import EMULATOR_REGION, Target
from tools.deploying.build import build
from tools.deploying.deploy import deploy
from tools.deploying.tear_down import take_down
from tools.emulator.embedded import Emulator

HERE = Path(__file__).parent
COPIES = {"Copy", "at_a_terminal"}
"""What a module uses whose tests type commands in a copy of the project."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Give the quick tests one emulator, and run those that type commands in a copy last on a backend that ran before.

    There a copy deploys, and deletes, the stack that the other tests share; an emulator of its own keeps it apart.
    """
    if not config.getoption("--slow"):
        for item in items:
            if HERE in item.path.parents:
                item.add_marker(pytest.mark.xdist_group("emulator"))
    if endpoint_of(config):
        items.sort(key=lambda item: not COPIES.isdisjoint(vars(getattr(item, "module", None) or item)))


@pytest.fixture(scope="session")
def running(pytestconfig: pytest.Config) -> Target | None:
    """The backend that ran before the tests; None if they start their own emulators."""
    endpoint = endpoint_of(pytestconfig)
    return (
        Target(
            stage="local",
            endpoint=endpoint,
            region=EMULATOR_REGION,
            stack_name="order-saga-local",
            backend=backend_of(pytestconfig),
        )
        if endpoint
        else None
    )


@pytest.fixture(scope="session")
def emulator(running: Target | None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """A running embedded emulator; what is shown of that alone is skipped elsewhere."""
    if running:
        pytest.skip("about the embedded emulator that the tests start")
    started = Emulator(port=free_port(), home=tmp_path_factory.mktemp("emulator") / "home")
    started.start()
    yield started
    started.stop()


@pytest.fixture(scope="session")
def target(running: Target | None, request: pytest.FixtureRequest) -> Target:
    """The place that the tests deploy to."""
    if running:
        return running
    emulator: Emulator = request.getfixturevalue("emulator")
    return Target(stage="local", endpoint=emulator.endpoint, region=EMULATOR_REGION, stack_name="order-saga-local")


@pytest.fixture(scope="session")
def stack(target: Target, running: Target | None) -> Iterator[Stack]:
    """The deployed stack."""
    build(target)
    deploy(target)
    yield Stack.of(target)
    if running and Stack.find(target):
        take_down(target, target.stack_name)


@pytest.fixture
def beside(stack: Stack, running: Target | None) -> Iterator[Callable[[str], Target]]:
    """Name stacks beside the deployed one; they are deleted afterwards from a backend that goes on running."""
    named: list[Target] = []

    def name(suffix: str) -> Target:
        own = stack.target
        named.append(own.model_copy(update={"stack_name": f"{own.stack_name}-{suffix}"}))
        return named[-1]

    yield name
    for other in named:
        if running and Stack.find(other):
            take_down(other, other.stack_name)
