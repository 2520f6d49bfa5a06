"""Where the time of importing a function goes, as Python's `-X importtime` tells it."""

import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.runtime.interface_emulator import Program
from tools.base.problem import ProblemError

LINE = re.compile(r"^import time: +(\d+) \| +\d+ \| +(\S+)$", re.MULTILINE)
STANDARD_LIBRARY = "Python's standard library"

Modules = Mapping[str, float]
"""What each imported module took by itself, in milliseconds."""


def imported(python: Path, program: Program) -> Modules:
    """Import a function's module in a process of its own, after the runtime client, and return what each module took.

    Raises `ProblemError` if it cannot be imported.
    """
    statement = f"import awslambdaric.bootstrap, {program.handler.rpartition('.')[0]}"
    with TemporaryDirectory(prefix="bench-") as folder:
        done = subprocess.run(
            [python, "-X", "importtime", "-c", statement],
            cwd=program.folder,
            env=program.environment(Path(folder)),
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        raise ProblemError(f"{program.handler} cannot be imported:\n{done.stderr[-2_000:]}")
    return modules(done.stderr)


def modules(told: str) -> Modules:
    """Read what `-X importtime` wrote."""
    took: Counter[str] = Counter()
    for microseconds, module in LINE.findall(told):
        took[module] += int(microseconds)
    return {module: microseconds / 1_000 for module, microseconds in took.items()}


def without(these: Modules, others: Iterable[str]) -> Modules:
    """Return those modules that the others are not."""
    known = set(others)
    return {module: took for module, took in these.items() if module not in known}


def by_package(these: Modules) -> dict[str, tuple[int, float]]:
    """Return how many modules of each top-level package there are, and what they took together; the dearest first."""
    packages = {module: package_of(module) for module in these}
    counts = Counter(packages.values())
    took = {name: sum(these[module] for module in these if packages[module] == name) for name in counts}
    return {name: (counts[name], took[name]) for name in sorted(took, key=lambda name: -took[name])}


def package_of(module: str) -> str:
    """Return the top-level package of a module; all that comes with Python counts as one."""
    name = module.partition(".")[0]
    return STANDARD_LIBRARY if name in sys.stdlib_module_names or name.startswith("_sysconfigdata") else name
