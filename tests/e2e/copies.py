"""A copy of the project, and somebody who types commands in it."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from uuid import uuid4

from saga.clock import iso, now
from tools.base.ports import free_port
from tools.base.target import ROOT, Target
from tools.base.waiting import wait_for

NOT_COPIED = shutil.ignore_patterns(
    *(".git", ".env", ".venv", ".aws-sam", ".local", "__pycache__", ".hypothesis"),
    *(".ruff_cache", ".pytest_cache", ".import_linter_cache"),  # not .mypy_cache, which halves the time of `make check`
)
NOT_A_READERS = ("MAKE", "MFLAGS", "STAGE", "BACKEND", "AWS_", "POWERTOOLS_", "PYTHON")
"""How the variables begin that `make test` and the tests themselves set: a shell that was just opened has none."""
PATIENCE = 30


class Copy:
    """A copy of the project, with a history of its own, and a backend that its commands reach."""

    def __init__(self, root: Path, running: Target | None) -> None:
        self.root, self._running = root, running
        plain = {name: value for name, value in os.environ.items() if not name.startswith(NOT_A_READERS)}
        self.port = running.port if running else free_port()
        self._environment = plain | ({"BACKEND": running.backend} if running else {}) | {"PORT": str(self.port)}
        shutil.copytree(ROOT, root, ignore=NOT_COPIED)
        (root / ".venv").symlink_to(sys.prefix)
        self._run("git", "init", "--quiet", "--initial-branch=main")
        self._run("git", "add", "--all")
        somebody = ("-c", "user.name=A reader", "-c", "user.email=reader@example.org", "-c", "commit.gpgsign=false")
        self._run("git", *somebody, "commit", "--quiet", "--message=as it was")

    @property
    def endpoint(self) -> str:
        """The address of the backend."""
        return f"http://127.0.0.1:{self._environment['PORT']}"

    def make(self, *words: str) -> str:
        """Run make; return what it printed."""
        return self._run("make", *words)

    def discard(self) -> None:
        """Remove the copy and what it deployed: its emulator, or its stack on a backend that was there before."""
        if self._running:
            name = tomllib.loads((self.root / "pyproject.toml").read_text())["project"]["name"]
            self.make("destroy", f"CONFIRM={name}-local")
        else:
            # A test that is run by itself may have started none.
            assert re.search("the emulator is stopped|no emulator of this checkout runs", self.make("down"))
        shutil.rmtree(self.root)

    def shell(self, command: str) -> str:
        """Type a command into a shell; return what it printed."""
        return self._run("sh", "-c", command)

    def write_event_of_nobody(self, file: str) -> str:
        """Write an OrderCreated of now whose order is not there; return its id."""
        event = json.loads((self.root / "events" / "order-created.json").read_text())
        order_id = str(uuid4())
        event["detail"] |= {"orderId": order_id, "createdAt": iso(now())}
        (self.root / file).write_text(json.dumps(event))
        return order_id

    def activated(self, command: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Type a command into a shell with an activated .venv and further variables; return how it ended."""
        return subprocess.run(
            ["sh", "-c", f". .venv/bin/activate && {command}"],
            cwd=self.root,
            env=self._environment | variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def starts(self, command: str, into: IO[bytes], **variables: str) -> subprocess.Popen[bytes]:
        """Type a command that runs on into a shell with an activated .venv; what it prints goes into a file."""
        return subprocess.Popen(
            ["sh", "-c", f". .venv/bin/activate && exec {command}"],
            cwd=self.root,
            env=self._environment | variables,
            stdin=subprocess.DEVNULL,
            stdout=into,
            stderr=into,
            start_new_session=True,
        )

    def until_ctrl_c(self, command: str, meanwhile: str, shown: str) -> str:
        """Type a command that runs until Ctrl-C, and another in a second terminal; return what the first one printed.

        It is ended once it has printed what `shown` finds, or if it does not within `PATIENCE` seconds.
        """
        printed = self.root.with_name("printed")
        with printed.open("wb") as into:
            process = subprocess.Popen(
                ["sh", "-c", f"exec {command}"],
                cwd=self.root,
                env=self._environment,
                stdout=into,
                stderr=into,
                start_new_session=True,
            )
        try:
            wait_for(lambda: "Ctrl-C" in printed.read_text() or process.poll() is not None, seconds=PATIENCE)
            self.shell(meanwhile)
            wait_for(lambda: re.search(shown, printed.read_text()), seconds=PATIENCE)
        finally:
            # A terminal sends it to all that it runs in the foreground.
            os.killpg(process.pid, signal.SIGINT)
            ended = process.wait(PATIENCE)
        # Make ends by the signal itself, which a shell shows as 130.
        assert ended in {0, -signal.SIGINT}, printed.read_text()
        return printed.read_text()

    def fails_to_agree(self) -> str:
        """Run the part of `make check` that looks at the choreography, and return what it has to say against it."""
        return self._run("env", "PYTHONPATH=src", ".venv/bin/python", "-m", "tools", "check", fails=True)

    @contextmanager
    def without(self, file: str, text: str, instead: str) -> Iterator[None]:
        """Replace a text that a file holds once, for a while."""
        whole = (self.root / file).read_text()
        assert whole.count(text) == 1
        (self.root / file).write_text(whole.replace(text, instead))
        yield
        (self.root / file).write_text(whole)

    def _run(self, *words: str, fails: bool = False) -> str:
        done = subprocess.run(words, cwd=self.root, env=self._environment, capture_output=True, text=True, check=False)
        assert (done.returncode != 0) is fails, f"{' '.join(words)}\n{done.stdout}{done.stderr}"
        return done.stderr if fails else done.stdout
