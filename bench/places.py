"""Where it is measured: an emulator of the benchmark's own, with order-saga deployed on it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from tools.base.ports import free_port
from tools.base.stack import Stack
from tools.base.target import EMULATOR_REGION, Target
from tools.deploying.build import build
from tools.deploying.deploy import deploy
from tools.emulator.embedded import Emulator

REGION = EMULATOR_REGION
ORDER_SAGA = "order-saga"
"""How tables name what is measured, and the name of its stack."""


@contextmanager
def emulator(port: int | None = None, **variables: str) -> Iterator[Emulator]:
    """Run an emulator on a port of its own, with `variables` in its environment; it leaves nothing behind."""
    with TemporaryDirectory(prefix="bench-") as folder:
        running = Emulator(port=port or free_port(), home=Path(folder) / "emulator")
        try:
            running.start(**variables)
            yield running
        finally:
            running.stop()


def target_on(emulator: Emulator, stack_name: str) -> Target:
    """Name a stack on an emulator."""
    return Target(stage="local", endpoint=emulator.endpoint, region=REGION, stack_name=stack_name)


def order_saga_on(emulator: Emulator) -> Stack:
    """Build and deploy order-saga on an emulator."""
    target = target_on(emulator, ORDER_SAGA)
    build(target)
    # Recovery is measured without its ceiling.
    deploy(target, RecoveryPerSecond="0")
    return Stack.of(target)
