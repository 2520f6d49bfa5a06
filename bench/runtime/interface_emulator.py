"""Starts a function cold, as Lambda does: AWS's runtime interface emulator runs the real runtime client.

The emulator is the one that aws-sam-cli brings for its containers; here it runs without one. It starts the function's
process when the first event comes, and logs to the microsecond when the runtime client asked for that event and when
the function had answered. The `Init Duration` of its REPORT line is of no use: it is always about nothing.
"""

import os
import re
import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from importlib.resources import as_file, files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx

from bench.places import REGION
from tools.base.ports import free_port
from tools.base.problem import ProblemError
from tools.base.settings import EMULATOR_KEY
from tools.base.waiting import wait_for
from tools.deploying.build import RUNTIME

READY = re.compile(r"INIT REPORT\(durationMs: ([\d.]+)\)")
"""From the start of the process until it asked for its first event."""
ANSWERED = re.compile(r"^REPORT .*\tDuration: ([\d.]+) ms", re.MULTILINE)
"""From the coming of the first event, which starts the process, until its answer."""
PATIENCE = 60.0
"""Seconds."""


@dataclass(frozen=True)
class Program:
    """A Lambda function: the folder of its code, its handler there, and the variables that it is given."""

    folder: Path
    handler: str
    variables: Mapping[str, str]
    is_refused: bool = False
    """Whether the right answer to its event is a refusal."""

    def environment(self, home: Path) -> dict[str, str]:
        """Return all of its environment variables; what it writes goes into `home`."""
        # AWS Lambda Developer Guide, "Working with Lambda environment variables": those that Lambda sets.
        return {
            "PATH": os.defpath,
            "LANG": "en_US.UTF-8",
            "TZ": ":UTC",
            "HOME": str(home),
            "TMPDIR": str(home),
            "LAMBDA_TASK_ROOT": str(self.folder),
            "AWS_EXECUTION_ENV": f"AWS_Lambda_{RUNTIME}",
            "AWS_LAMBDA_FUNCTION_NAME": "function",
            "AWS_LAMBDA_FUNCTION_VERSION": "1",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
            "AWS_LAMBDA_FUNCTION_TIMEOUT": "60",
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ACCESS_KEY_ID": EMULATOR_KEY,
            "AWS_SECRET_ACCESS_KEY": EMULATOR_KEY,
            "AWS_SESSION_TOKEN": EMULATOR_KEY,
            **self.variables,
        }


@dataclass(frozen=True)
class ColdStart:
    """How long a cold start took, in milliseconds from the start of the process, and what was answered."""

    ready: float
    """Until the runtime client asked for the first event: the handler was imported by then."""
    answered: float
    """Until the first event was answered."""
    answer: Any


def start(python: Path, program: Program, event: Mapping[str, Any]) -> ColdStart:
    """Start a function, call it once, and stop it. Raises `ProblemError` if it does not answer well."""
    with TemporaryDirectory(prefix="bench-") as folder:
        home, port = Path(folder), free_port()
        with _emulator(python, program, home, port) as log:
            url = f"http://127.0.0.1:{port}/2015-03-31/functions/function/invocations"
            try:
                answer = httpx.post(url, json=event, timeout=PATIENCE).json()
            except (httpx.HTTPError, ValueError) as error:
                raise ProblemError(f"{program.handler} gives no answer: {error}; its log:\n{_end(log)}") from None
        if is_refusal(answer) is not program.is_refused:
            raise ProblemError(f"{program.handler} answered {answer}; its log:\n{_end(log)}")
        return ColdStart(*times(log.read_text()), answer)


def is_refusal(answer: Any) -> bool:
    """Return whether an answer is an exception, or one of HTTP that is not a success."""
    return isinstance(answer, dict) and ("errorType" in answer or answer.get("statusCode", 0) >= HTTPStatus.BAD_REQUEST)


def times(log: str) -> tuple[float, float]:
    """Read from the emulator's log when the function was ready and when it had answered, in milliseconds.

    Raises `ProblemError` if the log does not tell.
    """
    ready, answered = READY.search(log), ANSWERED.search(log)
    if not ready or not answered:
        raise ProblemError(f"the runtime interface emulator tells no times; the end of its log:\n{log[-2_000:]}")
    return float(ready[1]), float(answered[1])


@contextmanager
def _emulator(python: Path, program: Program, home: Path, port: int) -> Iterator[Path]:
    """Run the emulator, with a function that is not started yet, and yield the file that both log to."""
    name = f"aws-lambda-rie-{'arm64' if os.uname().machine in {'aarch64', 'arm64'} else 'x86_64'}"
    log = home / "log"
    with as_file(files("samcli") / "local" / "rapid" / name) as binary, log.open("w") as into:
        words = ["--log-level", "info", "--runtime-interface-emulator-address", f"127.0.0.1:{port}"]
        words += ["--runtime-api-address", f"127.0.0.1:{free_port()}"]
        with subprocess.Popen(
            [binary, *words, python, "-m", "awslambdaric", program.handler],
            cwd=program.folder,
            env=program.environment(home),
            stdin=subprocess.DEVNULL,
            stdout=into,
            stderr=into,
        ) as process:
            try:
                if not wait_for(lambda: _listens(port), seconds=10, every=0.02):
                    raise ProblemError(f"the runtime interface emulator does not come up; its log:\n{_end(log)}")
                yield log
            finally:
                # It ends the function's process as well.
                process.terminate()


def _end(log: Path) -> str:
    return log.read_text()[-2_000:]


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
