"""Environments that SnapStart restores from one snapshot: the retries of two of them are not in step."""

import random
import sys
from collections.abc import Callable, Iterator
from importlib import reload
from types import ModuleType
from typing import Any

import pytest
from botocore.retries.standard import ExponentialBackoff, RetryContext
from tenacity import RetryCallState, Retrying, wait_random_exponential

from saga import snap_start

Hook = Callable[[], None]


@pytest.fixture
def hooks(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Hook]]:
    """What is to run after a restore, as Lambda's runtime collects it while the function's code is imported."""
    registered: list[Hook] = []
    runtime: Any = ModuleType("snapshot_restore_py")
    runtime.register_after_restore = registered.append
    monkeypatch.setitem(sys.modules, "snapshot_restore_py", runtime)
    drawn = random.getstate()
    reload(snap_start)
    yield registered
    random.setstate(drawn)


def jitter_after_restore(snapshot: tuple[Any, ...], hooks: list[Hook]) -> dict[str, float]:
    """Restore an environment, and return how long its first retries wait, in seconds."""
    random.setstate(snapshot)
    for hook in hooks:
        hook()
    call = RetryCallState(Retrying(), None, (), {})
    return {
        "botocore": ExponentialBackoff().delay_amount(RetryContext(attempt_number=1)),
        "tenacity": wait_random_exponential(max=1)(call),
    }


def test_two_environments_of_one_snapshot_retry_at_different_times(hooks: list[Hook]) -> None:
    snapshot = random.getstate()
    one, other = (jitter_after_restore(snapshot, hooks) for _ in range(2))
    assert one.keys() == other.keys() == {"botocore", "tenacity"}
    assert one["botocore"] != other["botocore"]
    assert one["tenacity"] != other["tenacity"]


def test_without_the_hook_they_would_retry_at_the_same_times() -> None:
    drawn = random.getstate()
    assert jitter_after_restore(drawn, []) == jitter_after_restore(drawn, [])
    random.setstate(drawn)


def test_outside_of_lambda_nothing_is_registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "snapshot_restore_py", None)
    drawn = random.getstate()
    reload(snap_start)
    assert random.getstate() == drawn
