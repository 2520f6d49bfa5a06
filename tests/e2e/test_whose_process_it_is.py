"""The emulator's processes: known by a token, ended with all that they started, and never mistaken for a stranger's."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from tools.base.ports import free_port
from tools.base.problem import ProblemError
from tools.base.waiting import wait_for
from tools.emulator.embedded import TOKEN, Emulator


@pytest.fixture
def stopped(tmp_path: Path) -> Iterator[Emulator]:
    emulator = Emulator(port=free_port(), home=tmp_path / "emulator")
    yield emulator
    emulator.stop()


@pytest.fixture
def stranger() -> Iterator[psutil.Process]:
    """A process of somebody else's, the leader of a group."""
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
    yield psutil.Process(process.pid)
    process.kill()
    process.wait()


def state_of(emulator: Emulator) -> dict[str, object]:
    state: dict[str, object] = json.loads((emulator.home / "state.json").read_text())
    return state


def test_a_state_that_names_a_strangers_process_harms_nobody(stopped: Emulator, stranger: psutil.Process) -> None:
    stopped.home.mkdir()
    (stopped.home / "state.json").write_text(json.dumps({"pid": stranger.pid, "token": "0" * 32}))
    (stopped.home / "pid").write_text(str(stranger.pid))
    assert not stopped.stop()
    assert stranger.is_running()
    (stopped.home).mkdir(exist_ok=True)
    (stopped.home / "state.json").write_text(json.dumps({"pid": stranger.pid}))
    assert stopped.start()
    assert stranger.is_running()


def test_one_that_was_killed_is_started_again_and_what_it_had_started_is_ended(stopped: Emulator) -> None:
    assert stopped.start()
    first = state_of(stopped)
    function = subprocess.Popen(
        [sys.executable, "-c", "import time; time.sleep(600)"],
        env={TOKEN: str(first["token"]), "PATH": os.defpath},
        start_new_session=True,
    )
    os.kill(int(str(first["pid"])), signal.SIGKILL)
    assert wait_for(lambda: not stopped.is_running, seconds=5)
    assert stopped.start()
    function.wait(5)
    assert not psutil.pid_exists(function.pid)
    assert state_of(stopped)["token"] != first["token"]


@pytest.mark.slow
def test_two_at_once_start_one(stopped: Emulator) -> None:
    with ThreadPoolExecutor(2) as both:
        started = list(both.map(lambda _: stopped.start(), range(2)))
    assert sorted(started) == [False, True]


@pytest.mark.slow
def test_two_at_once_end_one(stopped: Emulator) -> None:
    stopped.start()
    with ThreadPoolExecutor(2) as both:
        ended = list(both.map(lambda _: stopped.stop(), range(2)))
    assert sorted(ended) == [False, True]
    assert not stopped.is_running


def test_an_interrupted_start_leaves_nothing(stopped: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("tools.emulator.embedded.wait_for", interrupted)
    with pytest.raises(KeyboardInterrupt):
        stopped.start()
    assert not stopped.home.exists()


def test_one_that_cannot_start_says_why_in_one_line_and_keeps_its_log(stopped: Emulator) -> None:
    with pytest.raises(ProblemError) as problem:
        stopped.start(GATEWAY_PORT="no number")
    said = str(problem.value)
    assert said.startswith(f"the emulator did not start on port {stopped.port}: ")
    assert "\n" not in said
    assert stopped.home.with_name("emulator.log").read_text()
    assert not stopped.home.exists()
