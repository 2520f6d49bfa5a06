"""Lets a function of the embedded emulator listen for a debugger, and puts everything back afterwards."""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tools.base.problem import ProblemError
from tools.base.root import ROOT
from tools.base.stack import Stack
from tools.base.template import FUNCTION, Template
from tools.base.waiting import wait_for
from tools.emulator.debugging import Debugging
from tools.emulator.embedded import Emulator, claim_port
from tools.operating import recovery

LONGEST = 900
"""Seconds: how long Lambda lets a function run at the most ("Lambda quotas"), and a provider's answer may take."""
PATIENCE = 30
"""Seconds that a function has to listen for a debugger."""
PROVIDER_TIMEOUT = "PROVIDER_TIMEOUT_SECONDS"
START = {"debugging": "start"}
"""An event that starts a function's process, and that its handler never sees."""


def handler(function: str) -> str:
    """Return a function's handler as the template names it. Raises `ProblemError` if there is no such function."""
    functions = Template.of_this_project().of_type(FUNCTION)
    if function not in functions:
        raise ProblemError(f"there is no function {function}: choose one of {', '.join(functions)}")
    return str(functions[function]["Handler"])


def source(function: str) -> Path:
    """Return the file of a function's handler. Raises `ProblemError` if there is no such function."""
    module, _, _ = handler(function).rpartition(".")
    return ROOT / "src" / f"{module.replace('.', '/')}.py"


@contextmanager
def debugged(stack: Stack, emulator: Emulator, function: str, port: int) -> Iterator[Path]:
    """Let a function listen for a debugger on a port of this machine; yield the file of its handler.

    Meanwhile it has one environment and the longest timeout, its provider may take as long to answer, and recovery,
    which would bring its event again, is off. Raises `ProblemError` if the port is taken, or another function is
    debugged.
    """
    file, debugging = source(function), emulator.debugging
    said = debugging.read()
    if said and _lives(said["owner"]):
        raise ProblemError(f"{said['logicalId']} is debugged already: end that `make debug` first")
    # What one that was killed left.
    _put_back(stack, debugging)
    claim_port(port)
    name = stack.physical_id(function)
    before = stack.client("lambda").get_function_configuration(FunctionName=name)
    variables = before["Environment"]["Variables"]
    debugging.begin(
        {
            "function": name,
            "logicalId": function,
            "port": port,
            "handler": handler(function),
            "start": START,
            "sources": str(ROOT / "src"),
            "before": {"Timeout": before["Timeout"], "Environment": {"Variables": variables}},
        }
    )
    try:
        recovery.schedule(stack, on=False)
        longer = variables | ({PROVIDER_TIMEOUT: str(LONGEST)} if PROVIDER_TIMEOUT in variables else {})
        _configure(stack, name, {"Timeout": LONGEST, "Environment": {"Variables": longer}})

        def started() -> bool:
            # An environment from before, still busy with an order, may take the event.
            stack.client("lambda").invoke(FunctionName=name, Payload=json.dumps(START))
            return _is_taken(port)

        if not wait_for(started, PATIENCE):
            raise ProblemError(f"{function} does not listen for a debugger; the emulator's log is in {emulator.log}")
        yield file
    finally:
        _put_back(stack, debugging)


def _put_back(stack: Stack, debugging: Debugging) -> None:
    """Give the function that was debugged its configuration again, which also ends its process; start recovery."""
    said = debugging.read()
    debugging.end()
    if said:
        _configure(stack, said["function"], said["before"])
        recovery.schedule(stack, on=True)


def _configure(stack: Stack, name: str, configuration: Mapping[str, Any]) -> None:
    client = stack.client("lambda")
    client.update_function_configuration(FunctionName=name, **configuration)
    client.get_waiter("function_updated_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 30})


def _is_taken(port: int) -> bool:
    try:
        claim_port(port)
    except ProblemError:
        return True
    return False


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except OSError:
        return False
    return True
