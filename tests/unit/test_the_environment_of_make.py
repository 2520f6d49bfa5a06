"""What is typed behind make reaches the tools as it was typed, and nothing else of a shell does."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tools.base import arguments
from tools.base.target import ROOT

PRINT = "import json, os; print(json.dumps(dict(os.environ)))"
ODD = [
    "two words",
    "a$b $$c $(shell echo no) ${HOME}",
    """single ' and double " quotes""",
    "a=b=c",
    "# no comment",
    "back\\slash\\",
    "`id` ; $(error no) | & > *",
    "--option",
    "größer ☃ 🛒",
    "%",
    "~",
]


def environment_of_a_command(folder: Path, *words: str, **shell: str) -> dict[str, str]:
    """Run a target of a Makefile that includes this project's; return the environment that its commands have."""
    (folder / "Makefile").write_text(f"include {ROOT / 'Makefile'}\nshow:\n\t@$(THIS_PYTHON) -c '{PRINT}'\n")
    program = shutil.which("make")
    assert program
    done = subprocess.run(
        [program, "--silent", "show", *words],
        cwd=folder,
        env={"PATH": os.defpath, "HOME": str(folder), "THIS_PYTHON": sys.executable} | shell,
        capture_output=True,
        text=True,
        check=True,
    )
    shown: dict[str, str] = json.loads(done.stdout)
    return shown


@pytest.mark.parametrize("text", ODD)
def test_a_value_reaches_the_tools_as_it_was_typed(tmp_path: Path, text: str) -> None:
    assert arguments.typed(environment_of_a_command(tmp_path, f"SKU={text}")) == {"SKU": text}


def test_several_values_and_empty_ones_are_told_apart(tmp_path: Path) -> None:
    shown = environment_of_a_command(tmp_path, "SKU=a", "CUSTOMER=", "DRY_RUN=1")
    assert arguments.typed(shown) == {"SKU": "a", "CUSTOMER": "", "DRY_RUN": "1"}


def test_what_a_shell_exports_is_no_argument(tmp_path: Path) -> None:
    shown = environment_of_a_command(
        tmp_path, NAME="DESKTOP-1", CONFIRM="order-saga-prod", ARGUMENTS="NAME", ARGUMENT_NAME="x", GOALS="rename"
    )
    assert arguments.typed(shown) == {}
    assert shown["GOALS"] == "show"


def test_a_value_of_the_shell_is_not_expanded_either(tmp_path: Path) -> None:
    folder = tmp_path / "made by an expansion"
    shown = environment_of_a_command(
        tmp_path, "SKU=a", LEFT=f"$(shell mkdir '{folder}')", SKU=f"$(shell mkdir '{folder}')"
    )
    assert shown["LEFT"] == f"$(shell mkdir '{folder}')"
    assert not folder.exists()


def test_flags_of_make_that_a_shell_exports_change_nothing(tmp_path: Path) -> None:
    shown = environment_of_a_command(tmp_path, "SKU=a$b", MAKEFLAGS="-e -j8 -k", TOOL="no", ARGUMENTS="NAME", GOALS="x")
    assert arguments.typed(shown) == {"SKU": "a$b"}
    assert shown["GOALS"] == "show"


def test_a_make_inside_of_a_make_sees_what_was_typed(tmp_path: Path) -> None:
    outer = environment_of_a_command(tmp_path, "SKU=a$b c")
    inner = environment_of_a_command(tmp_path, MAKEFLAGS=outer["MAKEFLAGS"])
    assert arguments.typed(inner) == {"SKU": "a$b c"}
