"""A `docker` command that answers as a test says, and writes down what it was asked and with which variables."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

SCRIPT = """#!{python}
import json, os, sys
from pathlib import Path
home = Path(__file__).parent
asked = " ".join(sys.argv[1:])
with (home / "calls.jsonl").open("a") as calls:
    print(json.dumps({{"asked": asked, "environment": dict(os.environ)}}), file=calls)
for words, status, output, error in json.loads((home / "answers.json").read_text()):
    if words in asked:
        print(output)
        print(error, file=sys.stderr)
        sys.exit(status)
"""


class FakeDocker:
    """Stands on the PATH alone; whatever it is not told about succeeds and says nothing."""

    def __init__(self, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._home = home
        self._answers: list[tuple[str, int, str, str]] = []
        monkeypatch.setenv("PATH", str(home))
        (home / "docker").write_text(SCRIPT.format(python=sys.executable))
        (home / "docker").chmod(0o755)
        (home / "calls.jsonl").touch()
        self._write()

    def answer(self, words: str, output: str = "", error: str = "", status: int = 0) -> None:
        """Answer so to a command that contains these words; what is said later goes first."""
        self._answers.insert(0, (words, status, output, error))
        self._write()

    @property
    def asked(self) -> list[str]:
        """The commands, oldest first."""
        return [call["asked"] for call in self._calls()]

    def environment_of(self, words: str) -> dict[str, str]:
        """Return the variables that the one command had which contains these words."""
        (found,) = [call for call in self._calls() if words in call["asked"]]
        environment: dict[str, str] = found["environment"]
        return environment

    def _write(self) -> None:
        (self._home / "answers.json").write_text(json.dumps(self._answers))

    def _calls(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (self._home / "calls.jsonl").read_text().splitlines()]


@pytest.fixture
def docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeDocker:
    """A Docker that is there, runs, and has everything."""
    home = tmp_path / "bin"
    home.mkdir()
    return FakeDocker(home, monkeypatch)
