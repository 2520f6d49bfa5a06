"""A release takes over from the last one in three deployments, and `make deploy` skips none of them."""

from typing import Any

import pytest

from tools.base.problem import ProblemError
from tools.base.stack import Stack
from tools.base.target import Target
from tools.deploying.last_release import check

AWS = Target(stage="dev", endpoint=None, region="us-east-1", stack_name="order-saga-dev")
EMULATOR = Target(stage="local", endpoint="http://127.0.0.1:5900", region="us-east-1", stack_name="order-saga-local")


def deployed(monkeypatch: pytest.MonkeyPatch, target: Target, before: str | None) -> None:
    parameters = {} if before is None else {"LastRelease": before}
    stack = Stack(target, {"ApiId": "api"}, {"DeadlineSeconds": "900", **parameters})
    monkeypatch.setattr(Stack, "find", lambda _target: stack)


@pytest.mark.parametrize(
    ("before", "now"),
    [
        *[(None, "runs"), ("runs", "runs"), ("runs", "repeated"), ("repeated", "repeated"), ("repeated", "gone")],
        *[("gone", "gone"), ("gone", "runs"), ("repeated", "runs")],
    ],
)
def test_the_order_of_the_three_is_kept(monkeypatch: pytest.MonkeyPatch, before: str | None, now: str) -> None:
    deployed(monkeypatch, AWS, before)
    check(AWS, {"LastRelease": now})


@pytest.mark.parametrize(
    ("before", "now", "said"),
    [
        (None, "gone", "the last release runs there: add PARAMETERS=LastRelease=runs"),
        (None, "repeated", "the last release runs there: add PARAMETERS=LastRelease=runs"),
        ("runs", "gone", "repeated comes next, then gone"),
    ],
)
def test_none_is_skipped(monkeypatch: pytest.MonkeyPatch, before: str | None, now: str, said: str) -> None:
    deployed(monkeypatch, AWS, before)
    with pytest.raises(ProblemError, match=said):
        check(AWS, {"LastRelease": now})


@pytest.mark.parametrize("chosen", [{"LastRelease": "gone"}, {}], ids=["this saga", "one without such a parameter"])
def test_an_emulator_is_deployed_at_once(monkeypatch: pytest.MonkeyPatch, chosen: dict[str, Any]) -> None:
    deployed(monkeypatch, EMULATOR, None)
    check(EMULATOR, chosen)


def test_so_is_a_stack_that_is_not_there_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Stack, "find", lambda _target: None)
    check(AWS, {"LastRelease": "gone"})
