"""The embedded emulator: starts and stops MiniStack on this machine, reachable from this machine alone."""

import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections import deque
from dataclasses import dataclass
from pathlib import Path

import httpx

from tools.base.problem import ProblemError
from tools.base.target import EMULATOR_REGION, ROOT
from tools.base.waiting import wait_for
from tools.emulator import docker
from tools.emulator.port_forwarding import BRIDGE

NOT_INHERITED = {"AWS_ENDPOINT_URL", "AWS_PROFILE", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE"}
"""What a shell may have set that would lead the functions astray, or slow them down."""

_STARTED_HERE: dict[int, subprocess.Popen[bytes]] = {}


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
        return httpx.get(url, timeout=2).is_success
    except httpx.HTTPError:
        return False


@dataclass(frozen=True)
class Emulator:
    """An emulator on one port; its log, its process id and its temporary files lie in `home`."""

    port: int
    home: Path

    @classmethod
    def of_this_checkout(cls, port: int) -> "Emulator":
        """Return the emulator that `make up` starts on this port."""
        return cls(port=port, home=ROOT / ".local" / f"emulator-{port}")

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

    def start(self, **variables: str) -> bool:
        """Start the emulator and wait until it is healthy; return False if it was running already.

        `variables` go into its environment. Raises `ProblemError` if the port is taken or it does not come up.
        """
        if self._running() and self._healthy():
            return False
        self.stop()
        claim_port(self.port)
        self.temporary.mkdir(parents=True)
        with self.log.open("w") as log, self._pid_file.open("w") as held:
            # The emulator inherits the lock and holds it until it ends. Its process id alone would not do: after this
            # machine has started anew, it may be that of any other program.
            fcntl.flock(held, fcntl.LOCK_EX)
            process = subprocess.Popen(
                [sys.executable, "-m", "tools.emulator.process"],
                cwd=ROOT,
                env=self._environment() | variables,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                pass_fds=[held.fileno()],
            )
            held.write(str(process.pid))
        _STARTED_HERE[process.pid] = process
        wait_for(lambda: self._healthy() or process.poll() is not None, seconds=30)
        if not self._healthy():
            with self.log.open() as log:
                end = "".join(deque(log, maxlen=15))
            self.stop()
            raise ProblemError(f"the emulator did not start on port {self.port}; the end of its log:\n{end}")
        return True

    def stop(self) -> bool:
        """Stop the emulator with its functions and remove its files; return False if it was not running."""
        running = self._running()
        if running:
            os.killpg(running, signal.SIGTERM)
            if not wait_for(lambda: not self._running(), seconds=5):
                os.killpg(running, signal.SIGKILL)
            if started_here := _STARTED_HERE.pop(running, None):
                started_here.wait()
        shutil.rmtree(self.home, ignore_errors=True)
        return running is not None

    @property
    def _pid_file(self) -> Path:
        return self.home / "pid"

    def _running(self) -> int | None:
        try:
            with self._pid_file.open() as held:
                try:
                    fcntl.flock(held, fcntl.LOCK_SH | fcntl.LOCK_NB)
                except BlockingIOError:
                    return int(held.read() or 0) or None
        except FileNotFoundError:
            pass
        return None

    def _healthy(self) -> bool:
        return answers(f"{self.endpoint}/_ministack/health")

    def _environment(self) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if name not in NOT_INHERITED}
        return inherited | {
            "GATEWAY_PORT": str(self.port),
            "BIND_HOST": "127.0.0.1",
            "IOT_MTLS_ENABLED": "0",
            "MINISTACK_REGION": EMULATOR_REGION,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            # The functions have their roles' rights and no others, as on AWS.
            "AUTH": "true",
            "LAMBDA_ASYNC_RETRY_BASE_SECONDS": "0.2",
            "TMPDIR": str(self.temporary),
        }
