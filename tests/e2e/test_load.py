"""`make load`: orders at a steady rate on the deployed stack, and how long they took."""

import re

import pytest

from tools.base.problem import ProblemError
from tools.base.stack import Stack
from tools.shop import load


@pytest.mark.slow
def test_orders_come_at_a_steady_rate_and_their_times_are_printed(
    stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    load.run(stack, rate=5, minutes=0.05)
    printed = capsys.readouterr().out
    assert re.search(r"to 201 +│( +[\d,]+ +│){3}", printed)
    assert re.search(r"to the final status +│( +[\d,]+ +│){3}", printed)
    assert re.search(r"15 orders placed in \d+\.\d s", printed)
    assert "throttled (429): 0" in printed
    assert "ended as SHIPPING_SCHEDULED: 15" in printed


def test_orders_that_are_not_taken_are_counted_and_are_a_problem(
    stack: Stack, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(load, "_sku", lambda _number: "")
    with pytest.raises(ProblemError, match=r"not all went well: 2 answered with 422"):
        load.measure_and_print(stack, rate=10, orders=2)
    assert "0 taken" in capsys.readouterr().out
