"""The emulator of the local tools: what it adds to MiniStack, and how it starts and stops."""

import json
import socket
from pathlib import Path
from typing import Any

import httpx
import pytest

from tools.base.problem import ProblemError
from tools.emulator.embedded import Emulator


def test_the_shim_is_still_needed_for_ministack_runs_a_rules_function_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """When this fails, MiniStack retries by itself: remove `tools/emulator/process.py` and start MiniStack directly."""
    from ministack.services import eventbridge, lambda_svc  # noqa: PLC0415  takes a second, and only this test needs it

    calls: list[str] = []
    record: dict[str, Any] = {"FunctionName": "f"}
    monkeypatch.setattr(lambda_svc, "_get_func_record_for_ref", lambda _: (record, record, "f"))
    monkeypatch.setattr(lambda_svc, "_execution_record_for_config", lambda *_: record)
    monkeypatch.setattr(lambda_svc, "invoke_async_with_retry", lambda *_: calls.append("retries"))
    monkeypatch.setattr(lambda_svc, "_execute_function_with_config_scope", lambda *_: calls.append("once"))
    monkeypatch.setattr(eventbridge.threading.Thread, "start", lambda thread: thread.run())
    eventbridge._dispatch_to_lambda("arn", json.dumps({}))  # noqa: SLF001  it has no public name
    assert calls == ["once"]


def test_a_running_emulator_is_found_again_and_answers_on_loopback_alone(emulator: Emulator) -> None:
    assert not emulator.start()
    assert httpx.get(f"{emulator.endpoint}/_ministack/health").is_success
    with socket.socket() as other:
        # All of 127.0.0.0/8 is this machine: a listener on every address would answer here too.
        other.settimeout(1)
        assert other.connect_ex(("127.0.0.2", emulator.port)) != 0


def test_a_taken_port_is_told_in_one_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(
            ProblemError, match=f"port {port} is taken by another program: stop it, or choose"
        ) as problem:
            Emulator(port=port, home=tmp_path / "home").start()
    assert "\n" not in str(problem.value)
    assert not (tmp_path / "home").exists()


def test_what_is_left_of_a_crash_is_cleared_away(tmp_path: Path) -> None:
    home = tmp_path / "home"
    (home / "tmp").mkdir(parents=True)
    (home / "state.json").write_text('{"token": "of nobody", "pid": 999999999}')
    assert not Emulator(port=1, home=home).stop()
    assert not home.exists()
