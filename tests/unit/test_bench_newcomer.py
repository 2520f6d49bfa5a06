"""What the measurement of a newcomer's time reads from what make prints."""

from contextlib import ExitStack
from dataclasses import replace

import pytest

from bench.ground import Grounds
from bench.newcomer import INSTALLING, ORDERS, Run, measure, outcome, parts_of, section
from bench.section import Scale
from tools.base.problem import ProblemError

DEMO = """\
  … installing into .venv what the tools need
  … starting the emulator on http://127.0.0.1:4570, log in .local/emulator-4570/emulator.log
✔ starting the emulator on http://127.0.0.1:4570, log in .local/emulator-4570/emulator.log (1.5 s)
  … building the functions with sam build
✔ building the functions with sam build (18.7 s)
  … deploying the stack order-saga-local to http://127.0.0.1:4570
✔ deploying the stack order-saga-local to http://127.0.0.1:4570 (5.0 s)
✔ stocking the shelves (0.3 s)
happy ──────────────────────
"""
FRESH = Run(seconds=60.0, installing=30.0, output=DEMO)
AGAIN = Run(seconds=6.0, installing=0.0, output=DEMO.replace("(18.7 s)", "(0.0 s)").replace("(1.5 s)", "(0.0 s)"))
TESTS = Run(seconds=120.0, installing=0.0, output="=== 611 passed, 1 skipped in 118.20s (0:01:58) ===\n")


def test_the_parts_of_a_demo_are_what_it_says_itself_and_add_up_to_the_whole() -> None:
    parts = parts_of(FRESH)
    assert parts == {
        INSTALLING: 30.0,
        "starting the emulator": 1.5,
        "building the functions": 18.7,
        "deploying the stack": 5.0,
        "stocking the shelves": 0.3,
        ORDERS: pytest.approx(4.5),
    }
    assert sum(parts.values()) == pytest.approx(60.0)


@pytest.mark.parametrize(
    ("output", "counts"),
    [
        (TESTS.output, (611, 0)),
        (
            "5 passed\n== 4 failed, 2046 passed in 707.08s (0:11:47) ==\nmake: 9 failed\n",
            (2046, 4),
        ),
        ("== 1 failed, 3 passed, 2 warnings, 1 error in 1.00s ==", (3, 2)),
    ],
)
def test_what_passed_and_what_failed_is_read_from_pytest(output: str, counts: tuple[int, int]) -> None:
    assert outcome(output) == counts


def test_without_any_tests_nothing_is_told() -> None:
    with pytest.raises(ProblemError, match="no tests ran"):
        outcome("== no tests ran in 0.01s ==")


def test_a_test_that_fails_is_told() -> None:
    told = "FAILED tests/unit/test_item.py::test_an_item - assert 1 == 2\n== 1 failed, 610 passed in 1.00s =="
    (goal,) = section(FRESH, AGAIN, replace(TESTS, output=told)).goals
    assert goal.found == "610 passed, 1 failed tests/unit/test_item.py::test_an_item"
    assert not goal.met
    (goal,) = section(FRESH, AGAIN, TESTS).goals
    assert goal.met


def test_everything_is_compared_with_the_demo_that_has_everything() -> None:
    waits, parts = section(FRESH, AGAIN, TESTS).tables.values()
    assert waits.rows == [
        ("make demo, fresh", "60.0", "10.0"),
        ("make demo, again", "6.0", "1.0"),
        ("make test", "120.0", "20.0"),
    ]
    assert ("building the functions", "18.7", "0.0") in parts.rows


def test_a_quick_run_says_that_it_leaves_this_out() -> None:
    said = measure(Scale(quick=True), Grounds(ExitStack()))
    assert not said.tables
    assert said.notes == ["Not measured in a quick run: it takes ten minutes."]
