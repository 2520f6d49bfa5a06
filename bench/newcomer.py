"""How long a newcomer waits: from a fresh clone to three finished orders, for the same once more, and for all tests."""

import os
import platform
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, time

from bench.ground import Grounds
from bench.section import Goal, Scale, Section, Table
from tools.base.console import doing
from tools.base.ports import free_port
from tools.base.problem import ProblemError
from tools.base.target import ROOT

TITLE = "From a fresh clone"
STEP = re.compile(r"^✔ (.+) \((\d+\.\d) s\)$", re.MULTILINE)
"""How the demo tells what it has done, and how long that took."""
STEPS = ("starting the emulator", "building the functions", "deploying the stack", "stocking the shelves")
"""What of it is shown, by how these lines begin."""
INSTALLING, ORDERS = "installing", "three orders, and what is left"
SUMMARY = re.compile(r"^=+ (.+) in \d+\.\d+s.*=+$", re.MULTILINE)
"""How pytest ends: `3 failed, 611 passed`."""
NOT_PASSED = re.compile(r"^(?:FAILED|ERROR|SUBFAILED\S*) (\S+)", re.MULTILINE)
"""How it names a test that did not pass."""
NOT_A_NEWCOMERS = ("MAKE", "MFLAGS", "STAGE", "BACKEND", "AWS_", "POWERTOOLS_", "PYTHON", "VIRTUAL_ENV")
"""How the variables begin that this benchmark's own `make` has set: a shell that was just opened has none."""
PATIENCE = 1_800
"""Seconds that a command may take."""


@dataclass(frozen=True)
class Run:
    """A run of `make`: how long it took, in seconds, of which for installing, and what it printed."""

    seconds: float
    installing: float
    output: str


def measure(scale: Scale, grounds: Grounds) -> Section:
    """Type `make demo`, `make demo` again and `make test` in a fresh clone; a quick run leaves all of this out.

    Raises `ProblemError` if the demo fails; that tests fail is told.
    """
    if scale.quick:
        return Section(
            TITLE, "What a newcomer waits for.", {}, notes=["Not measured in a quick run: it takes ten minutes."]
        )
    grounds.close()
    with _clone() as clone:
        with doing("make demo in a fresh clone"):
            fresh = clone.make("demo")
        with doing("make demo in it again"):
            again = clone.make("demo")
        with doing("make test in it"):
            tests = clone.make("test", may_fail=True)
    return section(fresh, again, tests)


def section(fresh: Run, again: Run, tests: Run) -> Section:
    """Describe what was found."""
    runs = {"make demo, fresh": fresh, "make demo, again": again, "make test": tests}
    parts = {"fresh": parts_of(fresh), "again": parts_of(again)}
    passed, failed = outcome(tests.output)
    return Section(
        title=TITLE,
        about=(
            "The committed tree was cloned with `git clone` from this checkout into a temporary folder, so that was "
            "not downloaded. There `make demo` was run with nothing installed or built and with empty caches of uv and "
            "pip, `make demo` again, and `make test`, once each. The **baseline** is `make demo` with everything "
            f"there. Python is {platform.python_version()}, and was there before. Installing is the time until `make` "
            "has stamped `.venv`; building, deploying and so on are what the demo itself says; the orders are the "
            "difference to the whole, hence with the starting of the tool."
        ),
        tables={
            "What a newcomer waits for": Table(
                ("command", "seconds", "times make demo, again"),
                [(name, f"{run.seconds:.1f}", f"{run.seconds / again.seconds:.1f}") for name, run in runs.items()],
            ),
            "What `make demo` is busy with, in seconds": Table(
                ("part", *parts),
                [(part, *(f"{found[part]:.1f}" for found in parts.values())) for part in parts["fresh"]],
            ),
        },
        goals=[
            Goal(
                "everything that is promised is tested in a fresh clone",
                "no test fails",
                f"{passed} passed, {failed} failed {' '.join(failures(tests.output))}".strip(),
                failed == 0,
            )
        ],
        notes=[
            (
                "Downloads are part of installing and of building: they depend on the network and the package index, "
                "and a newcomer whose uv and pip have the packages in their caches waits less."
            ),
        ],
        figures={
            "seconds": {name: run.seconds for name, run in runs.items()},
            "ratio": fresh.seconds / again.seconds,
            "tests_ratio": tests.seconds / again.seconds,
            "tests_passed": passed,
            "tests_failed": failed,
            "parts_seconds": parts,
        },
    )


def parts_of(demo: Run) -> dict[str, float]:
    """Return the seconds of each part of a demo; they add up to the whole."""
    told = [(what, float(seconds)) for what, seconds in STEP.findall(demo.output)]
    parts = {INSTALLING: demo.installing} | {
        step: sum(seconds for what, seconds in told if what.startswith(step)) for step in STEPS
    }
    return parts | {ORDERS: demo.seconds - sum(parts.values())}


def outcome(output: str) -> tuple[int, int]:
    """Read from pytest's output how many tests passed, and how many did not. Raises `ProblemError` if none ran."""
    found = SUMMARY.findall(output)
    counts = {
        what: int(count) for count, what in re.findall(r"(\d+) (passed|failed|error)", found[-1] if found else "")
    }
    if not counts:
        raise ProblemError(f"`make test` ran no tests; it ends so:\n{output[-2_000:]}")
    return counts.get("passed", 0), counts.get("failed", 0) + counts.get("error", 0)


def failures(output: str) -> list[str]:
    """Read from pytest's output which tests did not pass, each once."""
    return list(dict.fromkeys(NOT_PASSED.findall(output)))


@dataclass(frozen=True)
class Clone:
    """A fresh clone, and the environment in which its commands are typed."""

    root: Path
    environment: Mapping[str, str]

    @property
    def is_installed(self) -> bool:
        """Return whether what the tools need has been installed."""
        return self._stamp.is_file()

    @property
    def _stamp(self) -> Path:
        return self.root / ".venv" / "installed"

    def make(self, command: str, *, may_fail: bool = False) -> Run:
        """Run make. Raises `ProblemError` with the end of what it printed if it fails and may not."""
        began_at, began = time(), monotonic()
        done = subprocess.run(
            ["make", command],
            cwd=self.root,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        seconds = monotonic() - began
        if done.returncode and not may_fail:
            raise ProblemError(f"`make {command}` failed in a fresh clone:\n{done.stdout[-4_000:]}")
        return Run(seconds, max(self._stamp.stat().st_mtime - began_at, 0.0), done.stdout)


@contextmanager
def _clone() -> Iterator[Clone]:
    """Clone the project, with empty caches and a port of its own; its emulator and its files go with the block."""
    with TemporaryDirectory(prefix="bench-") as folder:
        root = Path(folder) / "order-saga"
        subprocess.run(["git", "clone", "--quiet", ROOT, root], check=True)
        plain = {name: value for name, value in os.environ.items() if not name.startswith(NOT_A_NEWCOMERS)}
        caches = {f"{tool}_CACHE_DIR": str(Path(folder) / f"{tool}-cache") for tool in ("UV", "PIP")}
        clone = Clone(root, plain | caches | {"PORT": str(free_port()), "PYTHON": sys.executable})
        try:
            yield clone
        finally:
            # It would install first, which may be what has failed.
            if clone.is_installed:
                clone.make("down")
