"""The target of the tools: an emulator on this machine, or AWS."""

import re
import tomllib
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict

from tools.base.clients import Clients
from tools.base.problem import ProblemError

if TYPE_CHECKING:
    from boto3 import Session

EMULATOR_KEY = "test"
"""The emulators take any credentials."""
EMULATOR_REGION = "us-emulator-1"
"""The emulators take any Region. AWS has none of this name, so a call that misses its endpoint reaches no account."""
ROOT = Path(__file__).resolve().parents[2]
SAMCONFIG = ROOT / "samconfig.toml"
STAGE = r"[a-z][a-z0-9]{1,15}"
"""What a stage can be called: API Gateway and the names of stacks and roles take it."""
NAME: str = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["name"]
"""The project's name: names of stacks, containers and files begin with it."""


class Backend(StrEnum):
    """What stands in for AWS on this machine."""

    EMBEDDED = "embedded"
    """MiniStack, in a process of this checkout's own Python; no Docker."""
    MINISTACK = "ministack"
    """MiniStack's image, by docker-compose.yml."""
    LOCALSTACK = "localstack"
    """LocalStack's image, by docker-compose.yml; needs a token."""


class Target(BaseModel):
    """One deployment of the stack. With an `endpoint` it is on this machine, without one it is on AWS."""

    model_config = ConfigDict(frozen=True)

    stage: str
    endpoint: str | None
    region: str | None
    stack_name: str
    backend: Backend = Backend.EMBEDDED
    """What answers at the endpoint; it says nothing of AWS."""

    @classmethod
    def from_environment(cls) -> Self:
        """Read STAGE, BACKEND, AWS_ENDPOINT_URL and AWS_REGION, as the Makefile sets them.

        Raises `ProblemError` if there is no such backend, or if no stage can have this name.
        """
        from tools.base.environment import Environment

        read = Environment()
        if not re.fullmatch(STAGE, read.stage) or read.stage == "default":
            raise ProblemError(
                f"no stage can be called {read.stage}: use 2 to 16 lower-case letters and digits, a letter first, such "
                "as dev; `default` is samconfig.toml's own word"
            )
        if read.backend not in set(Backend):
            raise ProblemError(f"there is no backend {read.backend}: choose BACKEND={', '.join(Backend)}")
        region = EMULATOR_REGION if read.aws_endpoint_url else read.aws_region or read.aws_default_region
        return cls(
            stage=read.stage,
            endpoint=read.aws_endpoint_url,
            region=region,
            stack_name=f"{NAME}-{read.stage}",
            backend=Backend(read.backend),
        )

    @property
    def port(self) -> int:
        """The endpoint's port."""
        return urlsplit(self.endpoint or "").port or 4566

    @property
    def config_env(self) -> str:
        """The environment of samconfig.toml for this place: `default` is any emulator, dev any stage that it does not name."""
        if self.endpoint:
            return "default"
        named = isinstance(tomllib.loads(SAMCONFIG.read_text()).get(self.stage), dict)
        return self.stage if named else "dev"

    @property
    def is_production(self) -> bool:
        """Return whether it is in production."""
        return self.stage == "prod" and not self.endpoint

    @property
    def name(self) -> str:
        """Where this is, in words."""
        return self.endpoint or "AWS"

    @property
    def runs_functions_here(self) -> bool:
        """Return whether functions run in this machine's own Python, and not on Linux in a container or on AWS."""
        return self.endpoint is not None and self.backend is Backend.EMBEDDED

    def for_containers(self) -> Self:
        """Return this target with a backend that runs functions in containers, as `sam local` does: to build for it."""
        return self.model_copy(update={"backend": Backend.MINISTACK}) if self.runs_functions_here else self

    @cached_property
    def session(self) -> "Session":
        """A session with the credentials for this place: an emulator takes any, AWS takes the person's own."""
        from boto3 import Session

        if self.endpoint:
            return Session(EMULATOR_KEY, EMULATOR_KEY, region_name=self.region)
        return Session(region_name=self.region)

    @cached_property
    def client(self) -> Clients:
        """Makes clients of AWS services that reach this place."""
        return Clients(self.session, self.endpoint)

    def environment(self) -> dict[str, str]:
        """Return the environment variables that lead AWS clients and tools here."""
        region = {"AWS_REGION": self.region, "AWS_DEFAULT_REGION": self.region} if self.region else {}
        if not self.endpoint:
            return region
        return {
            **region,
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": EMULATOR_KEY,
            "AWS_SECRET_ACCESS_KEY": EMULATOR_KEY,
        }
