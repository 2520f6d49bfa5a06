"""The console as a process: what it makes beside the stack, it removes, however it ends."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.test_watch import left_behind
from tools.base.ports import free_port
from tools.base.stack import Stack
from tools.base.target import ROOT
from tools.base.waiting import wait_for

pytestmark = pytest.mark.slow


def own(stack: Stack, before: list[str]) -> set[str]:
    """Return what was made beside the stack since."""
    return set(left_behind(stack)) - set(before)


def process(stack: Stack, out: Path) -> subprocess.Popen[bytes]:
    """Start a console as a person does, and wait until it has tapped the bus."""
    before = left_behind(stack)
    with out.open("wb") as file:
        started = subprocess.Popen(
            [sys.executable, "-m", "tools", "console", "--console-port", str(free_port())],
            cwd=ROOT,
            env=os.environ | {"STAGE": "local", "PORT": str(stack.target.port), "PYTHONPATH": "src"},
            stdout=file,
            stderr=file,
        )
    assert wait_for(lambda: own(stack, before), seconds=30)
    return started


def test_a_console_that_is_told_to_end_leaves_nothing_behind(stack: Stack, tmp_path: Path) -> None:
    before = left_behind(stack)
    started = process(stack, tmp_path / "out")
    started.send_signal(signal.SIGINT)
    assert started.wait(30) == 0
    assert own(stack, before) == set()
    assert "http://127.0.0.1:" in (tmp_path / "out").read_text()


def test_what_a_killed_console_left_is_removed_by_the_next(stack: Stack, tmp_path: Path) -> None:
    before = left_behind(stack)
    killed = process(stack, tmp_path / "killed")
    left = own(stack, before)
    killed.kill()
    killed.wait(30)
    assert own(stack, before) >= left
    started = process(stack, tmp_path / "next")
    assert wait_for(lambda: not own(stack, before) & left, seconds=30)
    started.send_signal(signal.SIGTERM)
    assert started.wait(30) == 0
    assert own(stack, before) == set()
