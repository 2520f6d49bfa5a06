"""In the build a package imports its modules on demand, and otherwise is what it was."""

import subprocess
import sys
from pathlib import Path

import pytest

from tools.base.problem import ProblemError
from tools.deploying.lazy_imports import LAZY, import_on_demand

(PACKAGE,) = LAZY
NAME = PACKAGE.replace("/", ".")
AT_ONCE = '''"""Kinds of events."""

from .bus_event import BusEvent
from .queue_event import QueueEvent, QueueRecord

__all__ = ["BusEvent", "QueueEvent", "QueueRecord"]
'''


@pytest.fixture
def artifact(tmp_path: Path) -> Path:
    """A build's artifact with a package that imports its two modules at once."""
    package = tmp_path / "build" / "CreateOrder-Shared" / PACKAGE
    package.mkdir(parents=True)
    for folder in (package.parent, package.parent.parent):
        (folder / "__init__.py").touch()
    (package / "__init__.py").write_text(AT_ONCE)
    (package / "bus_event.py").write_text("class BusEvent: ...\n")
    (package / "queue_event.py").write_text("class QueueEvent: ...\nclass QueueRecord: ...\n")
    return tmp_path / "build" / "CreateOrder-Shared"


def printed(artifact: Path, program: str) -> str:
    """Run a program that finds the artifact's packages, and return what it prints."""
    return subprocess.run(
        [sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, {str(artifact)!r})\n{program}"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def test_who_uses_one_name_imports_its_module_alone(artifact: Path) -> None:
    import_on_demand(artifact.parent)
    program = (
        f"from {NAME} import QueueRecord\nprint(sorted(each for each in sys.modules if each.startswith({NAME!r})))"
    )
    assert printed(artifact, program) == f"{[NAME, f'{NAME}.queue_event']}\n"


def test_all_names_are_there_and_no_other(artifact: Path) -> None:
    import_on_demand(artifact.parent)
    program = f"""
import {NAME} as package
print(package.__all__, set(package.__all__) <= set(dir(package)))
from {NAME} import *
print(BusEvent.__name__, QueueEvent.__name__, QueueRecord.__name__)
try:
    package.SquareEvent
except AttributeError as error:
    print(error)
"""
    assert printed(artifact, program) == (
        "['BusEvent', 'QueueEvent', 'QueueRecord'] True\n"
        "BusEvent QueueEvent QueueRecord\n"
        f"module '{NAME}' has no attribute 'SquareEvent'\n"
    )


@pytest.mark.parametrize(
    "more", ["import json", "from json import loads", "from .bus_event import BusEvent as Event", "print()"]
)
def test_a_package_that_does_more_is_a_problem_that_says_where(artifact: Path, more: str) -> None:
    (artifact / PACKAGE / "__init__.py").write_text(f"{AT_ONCE}{more}\n")
    with pytest.raises(
        ProblemError, match=r"^data_classes does more than import names, in line 7: take it off LAZY in "
    ):
        import_on_demand(artifact.parent)
