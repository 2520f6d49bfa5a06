"""Whole runs in hostile shells: each ends well, or in one line that says what to do.

It is collected only by name, for it takes half an hour: `make test-shells`; `SOME=yes` tries a few.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.copies import Copy
from tests.shells.shells import SHELLS, SOME, Shell
from tools.base.ports import free_port

PLAIN = {
    "PATH": os.environ.get("PATH", os.defpath),
    "LANG": "C.UTF-8",
    "TERM": "xterm",
    "USER": "somebody",
    "SHELL": "/bin/sh",
}
RUN = {
    "make demo": r"the three final records",
    "make deploy": r"the API is at http://127\.0\.0\.1:\d+/",
    "make trigger-happy": r'"history": \[',
    "make trigger-poison": r"because .* is malformed",
    "make dlq": r"because .* is malformed",
    "make orders": r"taken in the last 60 minutes",
    "make logs": r"step consumed=\w+",
    "make settings": r"STAGE +local",
    "make down": r"the emulator is stopped",
}
"""What somebody types, and what they then see."""
LONGEST = 300
"""Seconds that a command may take."""


class Somebody:
    """Somebody who types into one of the shells, in a checkout of their own."""

    def __init__(self, shell: Shell, root: Path, home: Path, port: int) -> None:
        self.root, self._shell, self._port = root, shell, port
        for name, text in shell.home.items():
            (home / name).parent.mkdir(parents=True, exist_ok=True)
            (home / name).write_text(text)
        if shell.env_file is not None:
            content = shell.env_file
            (root / ".env").write_bytes(content if isinstance(content, bytes) else content.encode())
        exported = PLAIN | {"HOME": str(home), "PORT": str(port)} | dict(shell.exports)
        self.environment = {name: value for name, value in exported.items() if value is not None}

    def types(self, command: str) -> subprocess.CompletedProcess[str]:
        """Type a command, and return what came of it."""
        return subprocess.run(
            ["/bin/sh", "-c", f"{self._shell.before}{command} {self._shell.behind}"],
            cwd=self.root,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=LONGEST,
            check=False,
        )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Try all shells, or some."""
    if "name" in metafunc.fixturenames:
        metafunc.parametrize("name", SOME if os.environ.get("SHELLS") == "some" else list(SHELLS))


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Copy]:
    """A copy of the project, which all shells of this process share one after another; its path has blanks."""
    copy = Copy(tmp_path_factory.mktemp("in any shell") / "order saga", None)
    yield copy
    copy.make("down", "ALL=yes")
    shutil.rmtree(copy.root)


@pytest.fixture
def somebody(checkout: Copy, tmp_path: Path, name: str) -> Iterator[Somebody]:
    """Somebody in one of the shells; what they leave is cleared away."""
    home = tmp_path / "home"
    home.mkdir()
    # Each builds anew, as SAM does from its cache: whoever comes first must not be the only one who tries it.
    (checkout.root / ".aws-sam" / "build" / ".built").unlink(missing_ok=True)
    port = free_port()
    yield Somebody(SHELLS[name], checkout.root, home, port)
    (checkout.root / ".env").unlink(missing_ok=True)
    checkout.make("down", f"PORT={port}")


def test_all_of_it_ends_well_or_in_one_line(somebody: Somebody, name: str) -> None:
    shell = SHELLS[name]
    for command, shown in RUN.items():
        done = somebody.types(command)
        said = done.stdout + done.stderr
        assert "Traceback" not in said, said
        if shell.says:
            problems = [line for line in done.stderr.splitlines() if not line.startswith("make")]
            assert done.returncode == 2, said
            assert len(problems) == 1, said
            assert re.match(f"✘ {shell.says}", problems[0]), said
        else:
            assert done.returncode == 0, f"{command}\n{said}"
            assert re.search(shown, done.stdout), f"{command}\n{said}"
            assert "\x1b" not in said, f"{command}\n{said!r}"
    assert foreign_files(somebody.root) == []


def foreign_files(root: Path) -> list[str]:
    """Return what lies in the checkout and is neither the project's nor said to be made by its tools."""
    listed = subprocess.run(
        ["git", "status", "--porcelain"], cwd=root, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    return [line for line in listed if not line.endswith((" .env", " .venv"))]
