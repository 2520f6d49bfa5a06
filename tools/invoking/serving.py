"""The HTTP API on this machine: `sam local start-api`, its two functions in containers, the rest on the emulator."""

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from tools.base.console import console, styled
from tools.base.problem import ProblemError
from tools.base.stack import Stack
from tools.base.target import ROOT
from tools.invoking.running import ready, sam_command
from tools.invoking.samples import requests
from tools.operating.logs import own_lines
from tools.operating.watch.tail import interrupted_once
from tools.project.choreography.flow import Flow

HOST = "127.0.0.1"
UP = "Running on"
"""What sam writes once it takes calls."""
CALLED = re.compile(r'"([A-Z]+ \S+) HTTP/\S+" (\d{3})')
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
PATIENCE = 20
"""Seconds in which sam removes its containers."""


def serve(stack: Stack, port: int, flow: Flow) -> None:
    """Serve the API until Ctrl-C, and print each call and what the functions log.

    Raises `ProblemError` if Docker is missing, the port is taken, or sam ends by itself.
    """
    # Parameters may leave some functions out.
    there = set(stack.functions().values())
    routes = {route: name for name, each in flow.functions.items() if name in there for route in each.routes}
    with (
        suppress(KeyboardInterrupt),
        interrupted_once(),
        ready(stack, list(routes.values())) as words,
        _sam(stack, "--port", str(port), *words) as lines,
    ):
        for line in lines:
            if UP in line:
                _introduce(f"http://{HOST}:{port}", routes)
            _show(line)


@contextmanager
def _sam(stack: Stack, *words: str) -> Iterator[Iterator[str]]:
    """Run `sam local start-api`, and yield what it and the functions write; with the block its containers go."""
    command, environment = sam_command(stack, "local", "start-api", "--host", HOST, "--warm-containers", "LAZY", *words)
    # In a session of its own: Ctrl-C comes here alone, and sam is told in the way in which it removes its containers.
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            yield _lines(process)
        finally:
            process.terminate()
            try:
                process.communicate(timeout=PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()


def _lines(process: subprocess.Popen[str]) -> Iterator[str]:
    last = ""
    for written in process.stdout or ():
        if line := COLOUR.sub("", written).strip():
            last = line
            yield line
    raise ProblemError(f"`sam local start-api` ended: {last or 'it said nothing'}")


def _introduce(url: str, routes: dict[str, str]) -> None:
    console.print(styled("containers serve the API at [bold]{}[/]; Ctrl-C ends it", url), soft_wrap=True)
    for route, function in routes.items():
        method, path = route.split()
        console.print(f"  {method:<4} {url}{path}  {function}", soft_wrap=True)
    console.print("calls need no signature here, as they do where the API is deployed; for example:", soft_wrap=True)
    for method, path, body in requests():
        if f"{method} {path}" in routes:
            console.print(f"  curl -X {method} {url}{path} -d '{body}'", soft_wrap=True)


def _show(line: str) -> None:
    for own in own_lines(line):
        console.print(styled("  [dim]{}[/] {}", own.get("service", ""), own.get("message", "")), soft_wrap=True)
    if called := CALLED.search(line):
        console.print(f"{called[1]} → {called[2]}", soft_wrap=True)
