"""The settings of a command: where it works, and how. This is the one place that reads them.

A value on the command line of `make` comes before one that the shell exports, that before a line of `.env`, and that
before the default. An empty value counts as none, wherever it stands.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from enum import StrEnum
from types import MappingProxyType
from typing import Literal

from tools.base.backend import Backend
from tools.base.problem import ProblemError

LOCAL = "local"
"""The stage on this machine; every other one is on AWS."""
PRODUCTION = "prod"
EMULATOR_REGION = "us-emulator-1"
"""The emulators take any Region. AWS has none of this name, so a call that misses its endpoint reaches no account."""
EMULATOR_KEY = "test"
"""Access key and secret key: the emulators take any."""
YES, NO = ("yes", "true", "on", "1", "y"), ("no", "false", "off", "0", "n")


class Source(StrEnum):
    """Where a value came from."""

    COMMAND_LINE = "the command line"
    SHELL = "the shell"
    FILE = ".env"
    DEFAULT = "the default"


@dataclass(frozen=True)
class Setting:
    """One setting: its name, what it is for, and what it may be."""

    name: str
    means: str
    pattern: str
    allowed: str
    default: str = ""
    secret: bool = False
    also: tuple[str, ...] = ()
    """Other names that the shell may have for it."""
    sources: tuple[Source, ...] = (Source.COMMAND_LINE, Source.SHELL, Source.FILE)
    only: Literal["here", "AWS"] | None = None
    """Where it matters: elsewhere nobody minds what it is set to."""


@dataclass(frozen=True)
class Value:
    """The value of a setting, and where it came from."""

    text: str
    source: Source


_YES_OR_NO = "(?i:" + "|".join((*YES, *NO)) + ")"
SETTINGS = {
    setting.name: setting
    for setting in (
        Setting(
            "STAGE",
            "where the commands work: local is an emulator on this machine, any other is a stack on AWS",
            r"(?!default$)[a-z][a-z0-9]{1,15}",
            "2 to 16 lower-case letters and digits, a letter first, such as dev, but not `default`",
            LOCAL,
        ),
        Setting(
            "BACKEND",
            "which emulator",
            "|".join(Backend),
            f"one of {', '.join(Backend)}",
            Backend.EMBEDDED,
            only="here",
        ),
        Setting(
            "PORT",
            "the emulator's port",
            r"0*([1-9]\d{0,3}|[1-5]\d{4}|6[0-4]\d{3}|65[0-4]\d\d|655[0-2]\d|6553[0-5])",
            "a number from 1 to 65535",
            "4566",
            only="here",
        ),
        Setting(
            "AWS_REGION",
            "the region, for a stage on AWS",
            r"[a-z]{2,}(-[a-z]+)+-\d+",
            "the name of a region, such as eu-central-1",
            also=("AWS_DEFAULT_REGION",),
            only="AWS",
        ),
        Setting(
            "AWS_PROFILE",
            "the profile of your AWS credentials, for a stage on AWS",
            r"[^\x00-\x1f]+",
            "the name of a profile of ~/.aws/config",
            also=("AWS_DEFAULT_PROFILE",),
            only="AWS",
        ),
        Setting(
            "CLOUDFORMATION_ROLE_ARN",
            "the role under which CloudFormation deploys, for a stage on AWS",
            r"arn:aws[a-z-]*:iam::\d{12}:role/\S+",
            "the ARN of a role, such as arn:aws:iam::123456789012:role/name",
            only="AWS",
        ),
        Setting(
            "LOCALSTACK_AUTH_TOKEN",
            "your token, for BACKEND=localstack",
            r"\S+",
            "a token without blanks, from https://app.localstack.cloud/workspace/auth-tokens",
            secret=True,
            only="here",
        ),
        Setting(
            "LOCALSTACK_ENFORCE_IAM",
            "whether LocalStack enforces IAM, which its free plan does not have",
            _YES_OR_NO,
            "yes or no",
            "no",
            only="here",
        ),
        Setting(
            "CONFIRM",
            "the stack's name, for what writes to prod or deletes a stack",
            r".+",
            "the name of a stack, as the command asks for it",
            sources=(Source.COMMAND_LINE,),
        ),
        # Shells export DEBUG for other programs.
        Setting(
            "DEBUG",
            "whether an unexpected error shows its traceback",
            _YES_OR_NO,
            "yes or no",
            "no",
            sources=(Source.COMMAND_LINE,),
        ),
    )
}
"""All settings, by name."""


@dataclass(frozen=True)
class Settings:
    """The settings of one command, with where each came from, and the shell that the command was typed into."""

    values: Mapping[str, Value]
    shell: Mapping[str, str] = field(default_factory=dict)
    """The shell's variables: only `tools.base.environments` decides what a process gets of them."""

    @property
    def stage(self) -> str:
        """The stage."""
        return self.values["STAGE"].text

    @property
    def backend(self) -> Backend:
        """What stands in for AWS on this machine."""
        return Backend(self.values["BACKEND"].text)

    @property
    def port(self) -> int:
        """The emulator's port."""
        return int(self.values["PORT"].text)

    @property
    def endpoint(self) -> str | None:
        """The emulator's URL; None if the stage is on AWS. Nothing but the stage and the port decides it."""
        return f"http://127.0.0.1:{self.port}" if self.stage == LOCAL else None

    @property
    def region(self) -> str | None:
        """The region: the emulator's, or the one that was set for AWS; None leaves it to the profile."""
        return EMULATOR_REGION if self.endpoint else self.values["AWS_REGION"].text or None

    @property
    def profile(self) -> str | None:
        """The profile of the AWS credentials, None for the default one; an emulator needs none."""
        return None if self.endpoint else self.values["AWS_PROFILE"].text or None

    @property
    def localstack_token(self) -> str:
        """The token for LocalStack, empty if there is none."""
        return self.values["LOCALSTACK_AUTH_TOKEN"].text

    @property
    def localstack_enforces_iam(self) -> bool:
        """Whether LocalStack enforces IAM."""
        return is_yes(self.values["LOCALSTACK_ENFORCE_IAM"].text)

    @property
    def cloudformation_role(self) -> str | None:
        """The role under which CloudFormation works on AWS; None if it works with the rights of who deploys."""
        return self.values["CLOUDFORMATION_ROLE_ARN"].text or None

    @property
    def confirmed(self) -> str:
        """The stack's name, if somebody typed it to confirm what is done to it."""
        return self.values["CONFIRM"].text

    @property
    def debug(self) -> bool:
        """Whether an unexpected error shows its traceback."""
        return is_yes(self.values["DEBUG"].text)

    @property
    def typed_place(self) -> str:
        """What was typed to say where a stack is, as in ` PORT=4570`: the next command has to be told the same."""
        typed = {name: self.values[name] for name in ("STAGE", "BACKEND", "PORT")}
        return "".join(f" {name}={value.text}" for name, value in typed.items() if value.source is Source.COMMAND_LINE)

    def at(self, **values: str) -> "Settings":
        """Return these settings with other values for some."""
        others = {name: Value(text, self.values[name].source) for name, text in values.items()}
        return replace(self, values={**self.values, **others})


def read(
    command_line: Mapping[str, str] = MappingProxyType({}),
    shell: Mapping[str, str] = MappingProxyType({}),
    file: Mapping[str, str] = MappingProxyType({}),
) -> Settings:
    """Return the outcome of the three places. Raises `ProblemError` for the first value that is not allowed."""
    values = {name: _outcome(setting, command_line, shell, file) for name, setting in SETTINGS.items()}
    here = "here" if values["STAGE"].text == LOCAL else "AWS"
    for name, value in values.items():
        if SETTINGS[name].only in {None, here}:
            _check(SETTINGS[name], value)
    return Settings(values, dict(shell))


def is_yes(text: str) -> bool:
    """Return whether a text means yes. Raises `ValueError` if it means neither yes nor no."""
    if (said := text.strip().lower()) not in (*YES, *NO, ""):
        raise ValueError(text)
    return said in YES


def _outcome(
    setting: Setting, command_line: Mapping[str, str], shell: Mapping[str, str], file: Mapping[str, str]
) -> Value:
    places = {Source.COMMAND_LINE: command_line, Source.SHELL: shell, Source.FILE: file}
    for source in setting.sources:
        for name in (setting.name, *setting.also):
            if text := places[source].get(name, "").strip():
                return Value(text, source)
    return Value(setting.default, Source.DEFAULT)


def _check(setting: Setting, value: Value) -> None:
    if not value.text or re.fullmatch(setting.pattern, value.text):
        return
    shown = "what it is set to" if setting.secret else f"{value.text!r}"
    near = get_close_matches(value.text.lower(), [LOCAL, "dev", PRODUCTION, *Backend], n=1)
    meant = f" (did you mean {near[0]}?)" if near and re.fullmatch(setting.pattern, near[0]) else ""
    raise ProblemError(f"{setting.name} cannot be {shown}, as {value.source} has it{meant}: it is {setting.allowed}")


_adopted: list[Settings] = []


def adopt(settings: Settings) -> None:
    """Make these the settings of this process, whatever its environment becomes."""
    _adopted[:] = [settings]


def current() -> Settings:
    """Return the settings of this process: those that it adopted, else what its environment alone says."""
    from os import environ

    return _adopted[0] if _adopted else read(shell=environ)
