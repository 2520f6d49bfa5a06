"""Runs what checks, tests and formats the project: each program in an environment that no shell changes."""

import shlex
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from tools.base import settings
from tools.base.environments import Child, environment
from tools.base.problem import ProblemError
from tools.base.root import ROOT

PATIENCE = 30
"""Seconds that a program has to clean up after Ctrl-C."""
PROGRAMS = Path(sys.executable).parent
LINTERS = (
    "ruff check",
    "ruff format --check",
    "mypy --num-workers auto",
    "lint-imports",
    "cfn-lint template.yaml observability.yaml deploy/*.yaml",
    "sam validate",
    "zizmor --offline --quiet --persona=auditor .github",
    "check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml",
    "check-jsonschema --builtin-schema vendor.github-issue-forms .github/ISSUE_TEMPLATE/*.yml",
    "check-jsonschema --builtin-schema vendor.dependabot .github/dependabot.yml",
    "check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yml",
)
FORMATTERS = ("ruff format", "ruff check --fix")
AUDIT = "uv tool run pip-audit==2.9.0 --disable-pip --require-hashes -r src/requirements.txt -r requirements-dev.txt"
COMPILE = "uv pip compile --quiet --universal --generate-hashes --no-header --python-version 3.11 --upgrade"
SHELLS = "tests/shells/hostile_shells.py"
"""Not collected by itself: it runs everything, many times over."""


def run(line: str, **variables: str) -> None:
    """Run one line: a program of the virtual environment, and words in which `*` stands for files.

    `variables` go into its environment.

    Raises `ProblemError` if it fails; it has said why.
    """
    program, *words = shlex.split(line)
    found = [str(path) for word in words for path in _files(word)]
    status = _waited_for(
        [PROGRAMS / program, *found],
        environment=environment(Child.CHECKS, settings.current())
        | {
            "SAM_CLI_TELEMETRY": "0",
            "AWS_DEFAULT_REGION": "us-east-1",
            # The handlers, where no installation says where they are.
            "PYTHONPATH": str(ROOT / "src"),
        }
        | variables,
    )
    if status:
        raise ProblemError(f"`{program}` found something, see above (it ended with {status})")


def _waited_for(words: Sequence[str | Path], environment: Mapping[str, str]) -> int:
    """Run a program, and return its exit status. Ctrl-C reaches it as well: it is given time to end what it started."""
    with subprocess.Popen(words, cwd=ROOT, env=environment) as process:
        try:
            return process.wait()
        except KeyboardInterrupt:
            with suppress(subprocess.TimeoutExpired):
                process.wait(PATIENCE)
            process.kill()
            raise


def test(words: str, *, slow: bool, **variables: str) -> None:
    """Run the tests with pytest; `words` are more words for it. Raises `ProblemError` if one fails."""
    # Of three, one runs the quick end-to-end tests, and waits much. The slow ones have an emulator in each process.
    workers = "-n 2 --slow" if slow else "-n 3"
    run(f"pytest {workers} --dist loadgroup --durations=10 {words}", **variables)


def test_shells(words: str, *, some: bool) -> None:
    """Run everything in hostile shells, or in some of them. Raises `ProblemError` if one of them breaks something."""
    run(f"pytest -n 2 {SHELLS} {words}", SHELLS="some" if some else "all")


def test_docker(words: str) -> None:
    """Run the tests that need Docker. Raises `ProblemError` if one fails, or if there are none."""
    _require("tests/docker", "there are no tests that need Docker")
    run(f"pytest tests/docker {words}")


def test_backend(words: str) -> None:
    """Run the end-to-end tests on the emulator that runs already. Raises `ProblemError` if one fails."""
    read = settings.current()
    if read.endpoint is None:
        raise ProblemError(f"STAGE={read.stage} is on AWS, where these tests do not go: leave it out")
    run(f"pytest tests/e2e --slow --backend {read.backend} --endpoint {read.endpoint} {words}")


def bench(*, quick: bool, only: str) -> None:
    """Measure. Raises `ProblemError` if that fails, or if there is nothing to measure."""
    _require("bench", "there is nothing to measure")
    run(f"python -m bench {'--quick' if quick else ''} {f'--only {shlex.quote(only)}' if only else ''}")


def lock() -> None:
    """Compile the pinned requirements anew. Raises `ProblemError` if that fails."""
    run(f"{COMPILE} requirements-dev.in -o requirements-dev.txt")
    for folder in (
        "src",
        *sorted(str(path.relative_to(ROOT)) for path in (ROOT / "layers").glob("*")),
        "bench/runtime",
    ):
        if (ROOT / folder / "requirements.in").is_file():
            run(f"{COMPILE} -c requirements-dev.txt {folder}/requirements.in -o {folder}/requirements.txt")


def _require(folder: str, without_it: str) -> None:
    """Raise `ProblemError` if a folder is not there: a saga of one's own begins without what is the shop's alone."""
    if not (ROOT / folder).is_dir():
        raise ProblemError(f"{without_it}: this project has no {folder}")


def _files(word: str) -> list[str]:
    if "*" not in word:
        return [word]
    return sorted(str(path.relative_to(ROOT)) for path in ROOT.glob(word)) or [word]
