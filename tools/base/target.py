"""The target of the tools: an emulator on this machine, or AWS."""

import os
import tomllib
from functools import cached_property
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict

from tools.base import settings
from tools.base.backend import Backend as Backend  # noqa: PLC0414  a target has one
from tools.base.clients import Clients
from tools.base.environments import Child, environment
from tools.base.problem import ProblemError
from tools.base.root import NAME as NAME  # noqa: PLC0414  the target's stack is named after it
from tools.base.root import ROOT as ROOT  # noqa: PLC0414  what is deployed lies there

if TYPE_CHECKING:
    from boto3 import Session

EMULATOR_REGION = settings.EMULATOR_REGION
SAMCONFIG = ROOT / "samconfig.toml"


class Target(BaseModel):
    """One deployment of the stack. With an `endpoint` it is on this machine, without one it is on AWS."""

    model_config = ConfigDict(frozen=True)

    stage: str
    endpoint: str | None
    region: str | None
    stack_name: str
    backend: Backend = Backend.EMBEDDED
    """What answers at the endpoint; it says nothing of AWS."""

    profile: str | None = None
    """The profile of the credentials for AWS; None for those that AWS's own rules find."""
    confirmed: str = ""
    """The stack's name, if somebody typed it to confirm what is done to it."""

    @classmethod
    def from_environment(cls) -> Self:
        """Return what the settings of this process name. Raises `ProblemError` for a value that is not allowed."""
        read = settings.current()
        return cls(
            stage=read.stage,
            endpoint=read.endpoint,
            region=read.region,
            stack_name=f"{NAME}-{read.stage}",
            backend=read.backend if read.endpoint else Backend.EMBEDDED,
            profile=read.profile,
            confirmed=read.confirmed,
        )

    @classmethod
    def to_write(cls, what: str) -> Self:
        """Return the same, for what writes there. Raises `ProblemError` if it is prod and nobody confirmed it."""
        target = cls.from_environment()
        target.require_confirmation(what)
        return target

    def require_confirmation(self, what: str) -> None:
        """Raise `ProblemError` if this is prod, and nobody typed its stack's name to confirm what is done to it."""
        if self.is_production and self.confirmed != self.stack_name:
            said = f", not CONFIRM={self.confirmed}" if self.confirmed else ""
            raise ProblemError(f"this {what} {self.stack_name}: to confirm, add CONFIRM={self.stack_name}{said}")

    @property
    def port(self) -> int:
        """The endpoint's port."""
        return urlsplit(self.endpoint or "").port or 4566

    @property
    def config_env(self) -> str:
        """The environment of samconfig.toml: `default` on an emulator, and for a stage that it does not name, dev."""
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
        from botocore.session import Session as Core

        if not self.endpoint:
            return Session(profile_name=self.profile, region_name=self.region)
        core = Core()
        # What a shell or `~/.aws` says of AWS is not meant for an emulator.
        for name in ("config_file", "credentials_file"):
            core.set_config_variable(name, os.devnull)
        core.set_config_variable("profile", None)
        key = settings.EMULATOR_KEY
        return Session(key, key, region_name=self.region, botocore_session=core)

    @cached_property
    def client(self) -> Clients:
        """Makes clients of AWS services that reach this place."""
        return Clients(self.session, self.endpoint, allow_writing=self.require_confirmation)

    def environment(self, child: Child) -> dict[str, str]:
        """Return the whole environment of a process that works for this place."""
        at = {"STAGE": settings.LOCAL, "PORT": str(self.port)} if self.endpoint else {"STAGE": self.stage}
        if self.region and not self.endpoint:
            at |= {"AWS_REGION": self.region}
        return environment(child, settings.current().at(**at))
