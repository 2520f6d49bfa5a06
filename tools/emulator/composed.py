"""An emulator in a container: starts and stops a service of docker-compose.yml."""

import subprocess
from dataclasses import dataclass

from tools.base import settings
from tools.base.environments import Child, environment
from tools.base.problem import ProblemError
from tools.base.target import NAME as PROJECT
from tools.base.target import ROOT, Backend
from tools.emulator import docker
from tools.emulator.embedded import claim_port


@dataclass(frozen=True)
class Composed:
    """One of the services, which are named after their backends, on one port; other ports are other projects."""

    backend: Backend
    port: int
    name: str
    """What a person calls it."""
    without: str
    """What a person can do without Docker, or without a token."""
    token: str | None = None
    """The environment variable that its token is in; None if it needs no token."""

    @property
    def container(self) -> str:
        """The name of its container, as docker-compose.yml has it: for `docker logs`."""
        return f"{PROJECT}-{self.backend}-{self.port}"

    def start(self) -> bool:
        """Start it and wait until it is healthy; return False if it was running already.

        Raises `ProblemError` if Docker, the token or the image is missing, the port is taken, or it does not come up.
        """
        docker.require_compose(self.without)
        if self.token and not settings.current().localstack_token:
            raise ProblemError(
                f"{self.name} needs a token: make one at https://app.localstack.cloud/workspace/auth-tokens and write "
                f"{self.token}=ls-… into .env (`cp .env.example .env`), or {self.without}"
            )
        if self._compose("ps", "--quiet", "--status", "running", self.backend).stdout.strip():
            return False
        claim_port(self.port)
        done = self._compose("up", "--wait", "--quiet-pull", self.backend)
        if done.returncode:
            # It goes with the container.
            log = self._compose("logs", "--no-log-prefix", self.backend).stdout.strip()
            self.stop()
            why = " ".join((done.stderr.strip().splitlines() or ["it said nothing"])[-1].split())
            raise ProblemError(f"{self.name} did not start on port {self.port}: {why}{self._kept(log) if log else ''}")
        return True

    def stop(self) -> bool:
        """Stop it and remove what it made; return False if it was not running, or if there is no Docker to run it."""
        try:
            docker.require_compose(self.without)
        except ProblemError:
            return False
        running = self._compose("ps", "--all", "--quiet", self.backend).stdout.strip()
        self._compose("down", "--volumes")
        return bool(running)

    def _kept(self, log: str) -> str:
        """Keep the log of one that did not come up, and return what a person is told of it: its end, and where."""
        kept = ROOT / ".local" / f"{self.backend}-{self.port}.log"
        kept.parent.mkdir(exist_ok=True)
        kept.write_text(f"{log}\n")
        return f"; its log ends with {' '.join(log.splitlines()[-1].split())!r} (all of it is in {kept})"

    def _compose(self, *words: str) -> subprocess.CompletedProcess[str]:
        chosen = settings.current()
        project = ["--project-name", f"{PROJECT}-{self.port}", "--profile", self.backend]
        return subprocess.run(
            ["docker", "compose", "--ansi", "never", *project, *words],
            cwd=ROOT,
            env=environment(Child.DOCKER, chosen)
            | {
                "PORT": str(self.port),
                **({self.token: chosen.localstack_token} if self.token else {}),
                "LOCALSTACK_ENFORCE_IAM": "1" if chosen.localstack_enforces_iam else "0",
                # Compose would read .env by rules of its own.
                "COMPOSE_DISABLE_ENV_FILE": "1",
            },
            capture_output=True,
            text=True,
            check=False,
        )
