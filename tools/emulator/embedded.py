"""The embedded emulator: starts and stops MiniStack on this machine, reachable from this machine alone."""

import fcntl
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

from tools.base import settings
from tools.base.environments import Child, environment
from tools.base.problem import ProblemError
from tools.base.root import ROOT
from tools.base.waiting import wait_for
from tools.emulator import debugging, docker, faults
from tools.emulator.debugging import Debugging
from tools.emulator.faults import Faults
from tools.emulator.port_forwarding import BRIDGE

TOKEN = "EMULATOR_TOKEN"  # noqa: S105  the name of a variable
"""In the environment of the emulator and of the functions that it starts: so those are known that outlive it."""
INSIDE = Path(__file__).with_name("inside")
"""What each function's process runs at its start."""
PATIENCE = 5
"""Seconds in which a process ends that was asked to."""


_STARTED_HERE: list[subprocess.Popen[bytes]] = []
"""Kept until they have ended, so that whoever started one takes note of its end."""


def claim_port(port: int) -> None:
    """Raise `ProblemError` if a program of this machine listens on the port already."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise ProblemError(
                f"port {port} is taken by another program: stop it, or choose another port, as in PORT=4570"
            ) from None


def reachable_from_containers() -> dict[str, str]:
    """Return the variables with which an emulator takes calls of containers as well, if Docker runs here."""
    try:
        docker.require("start no containers")
        return {BRIDGE: str(docker.bridge())}
    except ProblemError:
        return {}


def answers(url: str) -> bool:
    """Return whether something answers there, and answers well."""
    try:
        return httpx.get(url, timeout=2, trust_env=False).is_success
    except httpx.HTTPError:
        return False


@dataclass(frozen=True)
class Emulator:
    """An emulator on one port; its log, its state and its temporary files lie in `home`."""

    port: int
    home: Path

    @classmethod
    def of_this_checkout(cls, port: int) -> "Emulator":
        """Return the emulator that `make up` starts on this port."""
        return cls(port=port, home=ROOT / ".local" / f"emulator-{port}")

    @classmethod
    def all_of_this_checkout(cls) -> "list[Emulator]":
        """Return the emulators that were started from here, on any port, and may still run."""
        return [
            cls.of_this_checkout(int(port))
            for home in (ROOT / ".local").glob("emulator-*")
            if home.is_dir() and (port := home.name.partition("-")[2]).isdecimal()
        ]

    @property
    def endpoint(self) -> str:
        """The URL that AWS clients call."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        """The file that the emulator logs to."""
        return self.home / "emulator.log"

    @property
    def temporary(self) -> Path:
        """The folder for temporary files that all functions share."""
        return self.home / "tmp"

    @property
    def faults(self) -> Faults:
        """What is at fault on it."""
        return Faults(self.home / "faults.json")

    @property
    def debugging(self) -> Debugging:
        """Which of its functions waits for a debugger."""
        return Debugging(self.home / "debugging.json")

    def start(self, **variables: str) -> bool:
        """Start the emulator and wait until it is healthy; return False if it was running already.

        `variables` go into its environment. Raises `ProblemError` if the port is taken or it does not come up.
        """
        with self._alone():
            if self.is_running and wait_for(self._healthy, seconds=PATIENCE):
                return False
            self._end()
            claim_port(self.port)
            self.temporary.mkdir(parents=True)
            token = secrets.token_hex(16)
            # Before the process is there: one that is interrupted now is found by it.
            self._state.write_text(json.dumps({"token": token}))
            try:
                self._launch(token, variables)
            except BaseException:
                # Ctrl-C too: what did not come up is not left behind.
                self._end()
                raise
            return True

    def stop(self) -> bool:
        """Stop the emulator with its functions and remove its files; return False if it was not running."""
        if not self.home.exists():
            return False
        with self._alone():
            return self._end()

    @property
    def is_running(self) -> bool:
        """Return whether its process is there."""
        return any(self._is_the_emulator(process) for process in self._processes())

    def _launch(self, token: str, variables: dict[str, str]) -> None:
        with self.log.open("w") as log:
            process = subprocess.Popen(
                [sys.executable, "-I", "-X", "utf8", Path(__file__).with_name("process.py"), token],
                cwd=ROOT,
                env=self._environment(token) | variables,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        _STARTED_HERE.append(process)
        self._state.write_text(json.dumps({"token": token, "pid": process.pid}))
        wait_for(lambda: self._healthy() or process.poll() is not None, seconds=30)
        if not self._healthy():
            # Its own folder goes.
            kept = self.home.with_name(f"{self.home.name}.log")
            shutil.copy(self.log, kept)
            said = [line.strip() for line in kept.read_text(errors="replace").splitlines() if line.strip()]
            last = said[-1] if said else "it said nothing"
            raise ProblemError(f"the emulator did not start on port {self.port}: {last} (all of its log is in {kept})")

    def _end(self) -> bool:
        """End every process that is the emulator's, and remove its files; return whether the emulator was there."""
        processes = self._processes()
        was_running = any(map(self._is_the_emulator, processes))
        for end in (psutil.Process.terminate, psutil.Process.kill):
            for process in processes:
                with suppress(psutil.NoSuchProcess):
                    end(process)
            psutil.wait_procs(processes, timeout=PATIENCE)
            # A function may have been started meanwhile.
            processes = self._processes()
            if not processes:
                break
        _STARTED_HERE[:] = [child for child in _STARTED_HERE if child.poll() is None]
        shutil.rmtree(self.home, ignore_errors=True)
        return was_running

    @property
    def _state(self) -> Path:
        return self.home / "state.json"

    def _token(self) -> str | None:
        try:
            token = json.loads(self._state.read_text())["token"]
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return token if isinstance(token, str) and token else None

    def _processes(self) -> list[psutil.Process]:
        """Return the processes that carry its token: its own on its command line, its functions in their environment.

        Nothing else tells whose a process is: its id may be a stranger's by now, and start times move with the clock.
        """
        if (token := self._token()) is None:
            return []
        found = []
        for process in psutil.process_iter():
            with suppress(psutil.Error, OSError):
                if token in process.cmdline() or process.environ().get(TOKEN) == token:
                    found.append(process)
        return [process for process in found if process.is_running() and process.status() != psutil.STATUS_ZOMBIE]

    def _is_the_emulator(self, process: psutil.Process) -> bool:
        with suppress(psutil.Error):
            return self._token() in process.cmdline()
        return False

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Wait until nobody else starts or stops it; the lock goes with the process that has it, however that ends."""
        self.home.parent.mkdir(parents=True, exist_ok=True)
        with self.home.with_name(f"{self.home.name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _healthy(self) -> bool:
        return answers(f"{self.endpoint}/_ministack/health")

    def _environment(self, token: str) -> dict[str, str]:
        return environment(Child.EMULATOR, settings.current()) | {
            "GATEWAY_PORT": str(self.port),
            "BIND_HOST": "127.0.0.1",
            "IOT_MTLS_ENABLED": "0",
            "MINISTACK_REGION": settings.EMULATOR_REGION,
            "AWS_ACCESS_KEY_ID": settings.EMULATOR_KEY,
            "AWS_SECRET_ACCESS_KEY": settings.EMULATOR_KEY,
            # The functions have their roles' rights and no others, as on AWS; and nothing of a person's.
            "AUTH": "true",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
            "NO_PROXY": "*",
            "no_proxy": "*",
            "TZ": "UTC",
            "LAMBDA_ASYNC_RETRY_BASE_SECONDS": "0.2",
            "TMPDIR": str(self.temporary),
            # Of the functions alone: the emulator's own Python heeds none of its variables.
            "PYTHONPATH": str(INSIDE),
            faults.FILE: str(self.faults.file),
            debugging.FILE: str(self.debugging.file),
            TOKEN: token,
        }
