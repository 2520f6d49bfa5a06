"""Runs tests with a mutant in a copy of the project, until one fails."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from tools.base import settings
from tools.base.environments import Child, environment
from tools.project.mutants import recording
from tools.project.mutants.mutant import SOURCES, Mutant
from tools.project.mutants.recorded import file_of

PYTEST = (sys.executable, "-m", "pytest", "-q", "--no-header", "-p", "no:cacheprovider")
FEW_SCHEDULES = "100"
"""Random schedules of the simulation: who survives them all would survive more of them nearly always."""
PATIENCE, TIMES = 60, 5
"""Seconds, and by how much longer than usual tests may take, before a mutant that makes them hang counts as killed."""
MISUSED, NONE_FOUND = 4, 5
"""Exit statuses of pytest ("Exit codes")."""
FIRST_FAILURE = re.compile(r"^(?:FAILED|ERROR) (.+?)(?: - .*)?$", re.MULTILINE)
TOO_LONG = "a test that takes too long"


class StrangeRunError(Exception):
    """Pytest itself failed, so that nothing is known of the mutant."""


@dataclass
class Copy:
    """A copy of the project in which one mutant at a time is made."""

    root: Path
    _made: int = 0
    _running: "subprocess.Popen[str] | None" = field(default=None, init=False)

    def first_failure(self, mutant: Mutant, tests: Sequence[str], seconds: float) -> str | None:
        """Return the first test that fails with the mutant, None if all pass; `seconds` is what they usually take."""
        file = self.root / mutant.path
        source = file.read_bytes()
        try:
            self._write(file, mutant.change.applied_to(source))
            return self._first_to_fail(tests, PATIENCE + TIMES * seconds)
        finally:
            self._write(file, source)

    def end(self) -> None:
        """End the tests that run in it, if any do."""
        if self._running:
            _end(self._running)

    def _write(self, file: Path, text: bytes) -> None:
        file.write_bytes(text)
        # Python takes a compiled file for current by its source's size and time, to the second.
        self._made += 1
        os.utime(file, (self._made, self._made))

    def _first_to_fail(self, tests: Sequence[str], seconds: float) -> str | None:
        status, said = self._run(tests, seconds)
        if status in {MISUSED, NONE_FOUND} and ("not found:" in said or status == NONE_FOUND):
            # The mutant gave tests other names: those of parametrized tests often come from `src`.
            status, said = self._run(list(dict.fromkeys(map(file_of, tests))), seconds)
        match status:
            case 0:
                return None
            case None:
                return TOO_LONG
            case 1 | 2 | 4:
                return next(iter(FIRST_FAILURE.findall(said)), "the import of the tests")
        raise StrangeRunError(said)

    def _run(self, tests: Sequence[str], seconds: float) -> tuple[int | None, str]:
        """Run tests; return pytest's exit status, None if it took too long, and what it said."""
        asked = self.root.parent / f"{self.root.name}.tests"
        asked.write_text("\n".join(tests))
        temporary = self.root.parent / f"{self.root.name}.tmp"
        words = [*PYTEST, "-x", "--tb=no", "-rfE", f"--basetemp={temporary}", f"@{asked}"]
        with subprocess.Popen(
            words,
            cwd=self.root,
            env=of_tests(self.root),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            # Together they are ended: tests start processes of their own.
            start_new_session=True,
        ) as process:
            self._running = process
            try:
                said, _ = process.communicate(timeout=seconds)
            except subprocess.TimeoutExpired:
                return None, ""
            finally:
                _end(process)
                self._running = None
        return process.returncode, said


def record(root: Path, tests: Sequence[str], folder: Path, workers: int) -> int:
    """Run tests in a copy, so many at once, and record them in a folder; return pytest's exit status."""
    side_by_side = ["-n", str(workers)] if workers > 1 else []
    words = [*PYTEST, *side_by_side, "--tb=short", "-p", recording.__name__, *tests]
    folder.mkdir(parents=True)
    environment_of_all = of_tests(root) | {recording.FOLDER: str(folder)}
    return subprocess.run(words, cwd=root, env=environment_of_all, check=False).returncode


def of_tests(root: Path) -> dict[str, str]:
    """Return the environment of tests in a copy of the project: nothing in it leads back to the project itself."""
    return environment(Child.CHECKS, settings.current()) | {
        "AWS_DEFAULT_REGION": "us-east-1",
        "PYTHONPATH": os.pathsep.join((str(root / SOURCES), str(root))),
        "SCHEDULES": FEW_SCHEDULES,
    }


def _end(process: "subprocess.Popen[str]") -> None:
    """End a process and all that it started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
