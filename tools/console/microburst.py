"""microburst between the functions and AWS: it fails calls before or after they took effect, as AWS words it."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx

from tools.base.environments import Child, environment
from tools.base.problem import ProblemError
from tools.base.settings import current
from tools.base.waiting import wait_for

RULES: list[dict[str, Any]] = [
    # In turn, the first that fires wins: together they strike a third of the calls.
    {"probability": 0.06, "error": {"code": "ThrottlingException"}},
    {"probability": 0.07, "error": {"code": "InternalServerError", "status": 500}},
    {"probability": 0.07, "reset": True},
    # The call takes effect, and its answer is lost.
    {"probability": 0.17, "response": {"abort_frac": 0.0}},
]
SERVICES = ("dynamodb", "events")


class Microburst:
    """The proxy, started when it is needed."""

    def __init__(self, upstream: str, port: int) -> None:
        self._upstream, self._port = upstream, port
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def netloc(self) -> str:
        """Where it listens."""
        return f"127.0.0.1:{self._port}"

    def start(self) -> None:
        """Start it, and let it fail calls. Raises `ProblemError` if it does not come up."""
        if self._process is None or self._process.poll() is not None:
            program = Path(sys.executable).with_name("microburst")
            self._process = subprocess.Popen(
                [program, "--upstream", self._upstream, "--port", str(self._port)],
                env=environment(Child.TOOL, current()),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        if not wait_for(self._answers, seconds=20):
            raise ProblemError(f"microburst does not come up on port {self._port}")
        every = [{"service": service, **rule} for service in SERVICES for rule in RULES]
        self._call("POST", "rules", json=every).raise_for_status()

    def stop(self) -> None:
        """End it: it would wait a minute for the functions' open connections."""
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None

    def struck(self) -> dict[str, int]:
        """Return how many calls it saw, and how many of them it failed."""
        try:
            requests = self._call("GET", "stats").raise_for_status().json()["requests"]
        except httpx.HTTPError:
            return {}
        return {"calls": requests["total"], "failed": requests["faulted"]}

    def _answers(self) -> bool:
        try:
            return self._call("GET", "health").is_success
        except httpx.TransportError:
            return False

    def _call(self, method: str, path: str, **rest: Any) -> httpx.Response:
        return httpx.request(method, f"http://{self.netloc}/_microburst/{path}", trust_env=False, timeout=5, **rest)
