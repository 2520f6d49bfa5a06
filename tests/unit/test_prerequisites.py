"""What is missing on a machine is named in one line each, before anything is installed."""

import ast
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from tools import prerequisites
from tools.base.cloudformation import parse_template
from tools.base.target import ROOT

SCRIPT = Path(prerequisites.__file__)
SYSTEMS = r"Debian, Ubuntu: apt install [a-z0-9 -]+; Fedora: dnf install \w+; macOS: (brew install|xcode-select) \S+"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """What `make install` reads of this project, and nothing installed."""
    for file in ("Makefile", "requirements-dev.txt", SCRIPT.relative_to(ROOT)):
        copied = tmp_path / "checkout" / file
        copied.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / file, copied)
    return tmp_path / "checkout"


def make(checkout: Path, *words: str, path: str = os.defpath) -> tuple[int, list[str]]:
    """Run make; gives its exit status, and what it said on standard error, without make's own last line."""
    program = shutil.which("make")
    assert program
    done = subprocess.run(
        [program, *words],
        cwd=checkout,
        env={"PATH": path, "HOME": str(checkout)},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, [line for line in done.stderr.splitlines() if not line.startswith("make")]


def test_nothing_is_missing_where_the_tests_run() -> None:
    assert list(prerequisites.missing(["git"])) == []


@pytest.mark.parametrize("version", [(3, 6, 15), (3, 10, 0), (3, 15, 0)])
def test_a_python_that_lambda_does_not_run_is_named(monkeypatch: pytest.MonkeyPatch, version: tuple[int, ...]) -> None:
    monkeypatch.setattr(sys, "version_info", version)
    (line,) = prerequisites.missing([])
    assert line.startswith(f"Python 3.11 to 3.14 is needed, and {sys.executable} is 3.{version[1]}: choose another")
    assert re.search(SYSTEMS, line)


def test_the_pythons_that_it_takes_are_those_that_the_template_takes() -> None:
    (_, oldest), (_, newest) = prerequisites.OLDEST, prerequisites.NEWEST
    runtimes = parse_template((ROOT / "template.yaml").read_text())["Parameters"]["PythonRuntime"]["AllowedValues"]
    assert [f"python3.{minor}" for minor in range(oldest, newest + 1)] == runtimes


def test_a_python_without_glibc_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sysconfig, "get_config_var", lambda _name: "x86_64-alpine-linux-musl")
    (line,) = prerequisites.missing([])
    assert line.startswith(f"{sys.executable} is not CPython for glibc, as the image python:3.13-slim has it")


@pytest.mark.parametrize(("module", "package"), prerequisites.MODULES.items())
def test_a_module_that_the_system_split_off_is_named_with_its_package(
    monkeypatch: pytest.MonkeyPatch, module: str, package: str
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    (line,) = prerequisites.missing([])
    assert f"lacks module {module}: Debian, Ubuntu: apt install {package};" in line
    assert re.search(SYSTEMS, line)


@pytest.mark.parametrize("command", prerequisites.COMMANDS)
def test_a_command_that_is_not_there_is_named_with_its_package(monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    (line,) = prerequisites.missing([command])
    assert re.fullmatch(f"there is no {command}: {SYSTEMS}.*", line)


def test_a_python_that_is_too_old_can_read_what_names_it() -> None:
    assert ast.parse(SCRIPT.read_text(), feature_version=(3, 6))


def test_it_needs_the_standard_library_alone(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-I", "-S", SCRIPT], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stderr == ""


def test_make_names_a_python_that_is_not_there_and_installs_nothing(checkout: Path) -> None:
    status, said = make(checkout, "demo", "PYTHON=no-python")
    assert status == 2
    assert len(said) == 1
    assert re.fullmatch(f"✘ there is no no-python: {SYSTEMS}", said[0])
    assert not (checkout / ".venv").exists()


def test_make_test_names_a_missing_git_and_installs_nothing(checkout: Path, tmp_path: Path) -> None:
    commands = tmp_path / "bin"
    commands.mkdir()
    (commands / "sh").symlink_to("/bin/sh")
    status, said = make(checkout, "test", f"PYTHON={sys.executable}", path=str(commands))
    assert status == 2
    assert said == [f"✘ there is no git: {prerequisites.COMMANDS['git']}"]
    assert not (checkout / ".venv").exists()


def test_the_readme_names_what_is_needed() -> None:
    readme = " ".join((ROOT / "README.md").read_text().split())
    oldest, newest = ("{}.{}".format(*version) for version in (prerequisites.OLDEST, prerequisites.NEWEST))
    assert f"You need Python {oldest} to {newest}, `make` and `git`" in readme
