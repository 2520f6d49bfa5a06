"""A run of `make mutants` on a small project: which tests are run, what is said, and what is left alone."""

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from tools.base.console import console
from tools.base.problem import ProblemError
from tools.base.target import ROOT
from tools.project.mutants import run
from tools.project.mutants.measuring import carried
from tools.project.mutants.mutant import Mutant, mutants
from tools.project.mutants.run import Outcome
from tools.project.mutants.survivors import FILE, Survivors

pytestmark = pytest.mark.slow

SOURCE = "LIMIT = 2\n\n\ndef left(number):\n    return number - LIMIT\n\n\ndef idle():\n    return 7\n"
TESTS = {
    "test_limit.py": "from small import left\n\n\ndef test_left():\n    assert left(5) == 3\n",
    "test_weak.py": "from small import left\n\n\ndef test_nothing():\n    left(1)\n",
    "test_left_out.py": "from small import idle\n\n\ndef test_idle():\n    assert idle() == 7\n",
}
IDLE = {"file": "src/small.py", "in": "idle", "kind": "constant", "before": "7"}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project under git, with one file of source and three of tests, one of which is left out."""
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "small.py").write_text(SOURCE)
    (tmp_path / "tests").mkdir()
    for name, text in TESTS.items():
        (tmp_path / "tests" / name).write_text(text)
    (tmp_path / "pyproject.toml").write_text("[tool.pytest.ini_options]\npythonpath = ['src']\n")
    (tmp_path / ".gitignore").write_text("__pycache__/\n.venv\n.local/\n")
    # The plugin that records is found where these tools are.
    (tmp_path / "tools").symlink_to(ROOT / "tools")
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    listed(tmp_path)
    return tmp_path


def listed(project: Path, *survivors: Mapping[str, str]) -> None:
    """Write the list of a project: JSON is YAML."""
    (project / FILE).write_text(json.dumps({"left out": ["tests/test_left_out.py"], "survivors": survivors}))


def said(project: Path, file: str | None = None, sample: int | None = None) -> tuple[str, str]:
    """Run it; return what is printed, and the problem."""
    problem = ""
    with console.capture() as captured:
        try:
            run.run(project, file, sample, workers=1)
        except ProblemError as error:
            problem = str(error)
    return captured.get(), problem


def outcomes(project: Path, killed_by: str | None, **why: str) -> list[Outcome]:
    """Return what became of the mutants of a constant 7, one of which is in the list with a reason."""
    survivors = Survivors({"survivors": [IDLE | {"after": after, "reason": reason} for after, reason in why.items()]})
    sevens = [mutant for mutant in mutants(project) if mutant.change.before == "7"]
    return [Outcome(mutant, killed_by, survivors.reason(mutant)) for mutant in sevens]


def test_a_mutant_is_killed_or_survives_and_a_run_goes_on_where_the_last_one_ended(project: Path) -> None:
    printed, problem = said(project)

    assert "killed  src/small.py:1: constant: 2 → 3 by tests/test_limit.py::test_left" in printed
    assert "killed  src/small.py:5 left: arithmetic: number - LIMIT → number + LIMIT by tests/test_limit.py" in printed
    assert "survived src/small.py:9 idle: constant: 7 → 8: no reason is known" in printed
    assert problem == f"2 mutants survived, see above: write a test that kills them, or say in {FILE} why none can"
    assert (project / "src" / "small.py").read_text() == SOURCE
    # Once more: nothing is run again, for whichever mutants.
    printed, problem = said(project, file="src/small.py", sample=2)
    assert printed.startswith("2 of 2 are known from earlier runs\n")
    assert "killed  " not in printed
    # A test more, and what it kills survives no longer.
    (project / "tests" / "test_idle.py").write_text(TESTS["test_left_out.py"])
    printed, problem = said(project)
    assert printed.startswith("3 of 5 are known from earlier runs\n")
    assert "killed  src/small.py:9 idle: constant: 7 → 8 by tests/test_idle.py::test_idle" in printed
    assert problem == ""


def test_a_mutant_that_makes_a_test_hang_is_killed(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tools.project.mutants.killing.PATIENCE", 2)
    (project / "src" / "small.py").write_text("def f(n):\n    while n:\n        n -= 1\n    return n\n")
    for name in TESTS:
        (project / "tests" / name).unlink()
    (project / "tests" / "test_f.py").write_text("from small import f\n\n\ndef test_f():\n    assert f(2) == 0\n")

    assert "arithmetic: n -= 1 → n += 1 by a test that takes too long" in said(project)[0]


def test_tests_that_fail_as_they_are_are_a_problem(project: Path) -> None:
    (project / "tests" / "test_limit.py").write_text("def test_left():\n    assert False\n")

    assert said(project)[1] == "the tests have to pass before mutants can be killed: see above"
    # What the others execute is known by now.
    (project / "tests" / "test_limit.py").write_text(TESTS["test_limit.py"])
    assert "recording what 1 files of tests execute" in said(project)[0]


def test_a_file_that_was_changed_since_keeps_its_tests_by_what_stayed_in_it() -> None:
    before = "a = 1\nb = 2\n\n\ndef f():\n    return a\n"
    after = "a = 1\nb = 3\nc = 4\n\n\ndef f():\n    print(c)\n    return a\n"
    lines = {1: {"one"}, 2: {"two"}, 5: {"def"}, 6: {"return"}}

    assert carried(lines, before, after) == {
        1: {"one"},
        # Changed: those of what was there, and around it.
        2: {"one", "two"},
        3: {"one", "two"},
        4: set(),
        5: set(),
        6: {"def"},
        7: {"def", "return"},
        8: {"return"},
    }


def test_a_file_without_mutants_is_a_problem(project: Path) -> None:
    assert (
        said(project, file="src/big.py")[1] == "src/big.py has no mutants: choose a file of src/, as FILE=src/small.py"
    )


def test_an_entry_is_of_a_mutant_that_there_is_and_has_a_reason(project: Path) -> None:
    listed(project, IDLE | {"after": "9", "reason": "nobody calls it"})
    assert said(project)[1].startswith(f"{FILE}: there is no such mutant, so its entry may go: after: 9, before: 7")

    listed(project, IDLE | {"after": "8", "reason": " "})
    assert said(project)[1].startswith(f"{FILE}: say why no test kills it: after: 8, before: 7")


def test_a_survivor_that_is_not_in_the_list_is_a_problem_and_its_entry_is_printed(project: Path) -> None:
    with console.capture() as captured, pytest.raises(ProblemError, match="1 mutants survived"):
        run.check(outcomes(project, None, **{"8": "nobody calls it"}))

    assert captured.get() == (
        "- file: src/small.py\n  in: idle\n  kind: constant\n  before: '7'\n  after: '6'\n  reason: ''\n"
    )


def test_a_mutant_in_the_list_that_is_killed_is_a_problem(project: Path) -> None:
    with pytest.raises(ProblemError, match=r"tests/a\.py::test_b kills .*constant: 7 → 8: its entry may go"):
        run.check(outcomes(project, "tests/a.py::test_b", **{"8": "nobody calls it"}))


def test_a_survivor_with_a_reason_is_no_problem_and_counts_as_a_survivor(project: Path) -> None:
    survived = outcomes(project, None, **{"8": "nobody calls it", "6": "nor this"})
    run.check(survived)

    killed = Outcome(killed_mutant(project), "tests/a.py::test_b", None)
    with console.capture() as captured:
        console.print(run.table([*survived, killed]))
    rows = [line.replace("│", " ").split() for line in captured.get().splitlines() if "%" in line]
    assert rows == [["src/small.py", "3", "1", "2", "2", "33.3%"], ["all", "3", "1", "2", "2", "33.3%"]]


def killed_mutant(project: Path) -> Mutant:
    return next(mutant for mutant in mutants(project) if mutant.change.before == "2")


def test_the_list_of_this_project_is_of_mutants_that_there_are() -> None:
    Survivors.of(ROOT).check(mutants(ROOT))
