"""What becomes of a command whose output nobody reads, or cannot be written."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tools.base.root import ROOT

LAUNCH = [sys.executable, "-I", "-X", "utf8", "tools/launch.py"]
ENVIRONMENT = {"PATH": os.defpath, "PORT": "1"}


def run(*words: str, out: int | None = subprocess.PIPE) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*LAUNCH, *words], cwd=ROOT, env=ENVIRONMENT, stdout=out, stderr=subprocess.PIPE, encoding="utf-8", check=False
    )


@pytest.mark.parametrize("command", ["flow", "settings"])
def test_a_closed_pipe_is_no_error(command: str) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = run(command, out=writer)
    finally:
        os.close(writer)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device that Linux has")
@pytest.mark.parametrize("command", ["flow", "settings"])
def test_a_full_disk_is_one_line(command: str) -> None:
    with Path("/dev/full").open("wb") as full:
        done = run(command, out=full.fileno())
    assert (done.returncode, done.stderr) == (
        1,
        "✘ the disk is full: make room, for example with `make clean`\n",
    )


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_streams_that_the_shell_has_closed_are_no_error(closed: str) -> None:
    command = f"exec '{sys.executable}' -I -X utf8 tools/launch.py settings {closed}"
    done = subprocess.run(
        ["/bin/sh", "-c", command], cwd=ROOT, env=ENVIRONMENT, capture_output=True, encoding="utf-8", check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert ("STAGE" in done.stdout) is (">&-" not in closed.replace("2>&-", ""))


def test_a_command_in_a_pipe_is_plain_and_whole_whatever_the_shell_says_of_terminals() -> None:
    loud = {"FORCE_COLOR": "1", "COLUMNS": "20", "TTY_COMPATIBLE": "1", "CLICOLOR_FORCE": "1", "TERM": "xterm-256color"}
    done = subprocess.run(
        [*LAUNCH, "settings"], cwd=ROOT, env=ENVIRONMENT | loud, capture_output=True, encoding="utf-8", check=True
    )
    assert "\x1b" not in done.stdout
    assert "where the commands work: local is an emulator on this machine" in done.stdout
