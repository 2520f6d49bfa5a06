"""Starts and stops whatever stands in for AWS here."""

from tools.base.console import console, doing
from tools.base.problem import ProblemError
from tools.base.target import ROOT, Backend, Target
from tools.emulator.composed import Composed
from tools.emulator.embedded import Emulator, reachable_from_containers


def up(target: Target) -> None:
    """Start the backend, if it is not running. Raises `ProblemError` if it cannot be started, or if this is AWS."""
    if target.endpoint is None:
        raise ProblemError(
            f"STAGE={target.stage} is on AWS, where there is nothing to start: continue with `make deploy`"
        )
    if target.backend is Backend.EMBEDDED:
        emulator = Emulator.of_this_checkout(target.port)
        with doing(f"starting the emulator on {target.endpoint}, log in {emulator.log.relative_to(ROOT)}"):
            emulator.start(**reachable_from_containers())
    else:
        composed = Composed(target.backend, target.port)
        with doing(f"starting {composed.name} on {target.endpoint}, log with `docker logs {composed.container}`"):
            composed.start()


def down(target: Target) -> None:
    """Stop the backend, and say whether there was one to stop."""
    if target.backend is Backend.EMBEDDED:
        stopped = Emulator.of_this_checkout(target.port).stop()
        console.print(
            "the emulator is stopped" if stopped else f"no emulator of this checkout runs on port {target.port}"
        )
    else:
        composed = Composed(target.backend, target.port)
        console.print(
            f"{composed.name} is stopped" if composed.stop() else f"{composed.name} does not run on port {target.port}"
        )
