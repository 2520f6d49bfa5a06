"""Docker, asked before it is needed: what is missing is told in one line, with what works without it."""

import ipaddress
import json
import shutil
import subprocess
from dataclasses import dataclass

from tools.base import settings
from tools.base.console import doing
from tools.base.environments import Child, environment
from tools.base.problem import ProblemError

ANSWERS_IN = 10
"""Seconds that an engine has to say that it is there."""


def require(without: str) -> None:
    """Raise `ProblemError` if there is no Docker that answers; `without` says what a person can do instead."""
    if shutil.which("docker") is None:
        raise ProblemError(f"this needs Docker, and there is no `docker` command: install Docker, or {without}")
    asked = _docker("version", "--format", "{{.Server.Version}}")
    if asked.returncode:
        raise ProblemError(f"this needs Docker, and Docker does not answer: start it, or {without} ({_said(asked)})")


def require_compose(without: str) -> None:
    """Raise `ProblemError` if there is no Docker that answers, or if it has no Compose."""
    require(without)
    if _docker("compose", "version").returncode:
        raise ProblemError(f"this needs Docker Compose, and `docker compose` is not there: install it, or {without}")


def require_image(name: str, without: str) -> None:
    """Pull an image if it is not here. Raises `ProblemError` if it cannot be pulled."""
    if _docker("image", "inspect", name).returncode == 0:
        return
    with doing(f"pulling {name}, once"):
        pulled = _docker("pull", "--quiet", name)
        if pulled.returncode:
            raise ProblemError(f"the image {name} cannot be pulled ({_said(pulled)}): try again, or {without}")


@dataclass(frozen=True)
class Bridge:
    """Docker's default network: the address under which a container sees the engine's machine, and who is on it."""

    gateway: str
    containers: ipaddress.IPv4Network | ipaddress.IPv6Network

    def __str__(self) -> str:
        """Return it as `read` takes it."""
        return f"{self.gateway} {self.containers}"

    @classmethod
    def read(cls, text: str) -> "Bridge":
        """Return the bridge that `str` wrote."""
        gateway, containers = text.split()
        return cls(gateway, ipaddress.ip_network(containers))


def bridge() -> Bridge:
    """Look the default network up. Raises `ProblemError` if Docker does not tell."""
    asked = _docker("network", "inspect", "bridge", "--format", "{{json .IPAM.Config}}")
    if asked.returncode:
        raise ProblemError(f"Docker does not describe its network `bridge`: {_said(asked)}")
    configured = json.loads(asked.stdout)[0]
    subnet = ipaddress.ip_network(configured["Subnet"])
    return Bridge(configured.get("Gateway") or str(next(subnet.hosts())), subnet)


def _docker(*words: str) -> subprocess.CompletedProcess[str]:
    variables, command = environment(Child.DOCKER, settings.current()), ["docker", *words]
    # An engine at an address where nobody answers would be waited for.
    longest = ANSWERS_IN if words[0] == "version" else None
    try:
        return subprocess.run(command, env=variables, capture_output=True, text=True, check=False, timeout=longest)
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, 1, "", f"no answer in {ANSWERS_IN} s")


def _said(done: subprocess.CompletedProcess[str]) -> str:
    lines = [line.strip() for line in done.stderr.splitlines() if line.strip()]
    return lines[-1] if lines else f"`{' '.join(done.args)}` ended with {done.returncode}"
