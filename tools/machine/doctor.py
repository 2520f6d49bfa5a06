"""Looks at what is known to go wrong on a machine, and says of each whether it is well, or what to do."""

import platform
import resource
import shutil
import socket
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError
from botocore.session import Session

from tools import prerequisites
from tools.base import env_file
from tools.base.backend import Backend
from tools.base.console import console, styled
from tools.base.environments import CERTIFICATES, PROXIES, Machine
from tools.base.problem import ProblemError
from tools.base.root import ROOT
from tools.base.settings import SETTINGS, Settings
from tools.base.target import Target
from tools.emulator import docker
from tools.emulator.backends import adapter
from tools.emulator.embedded import Emulator

GIB = 1 << 30
NEEDED = 1.5 * GIB
"""What an installation and a build take, with some room."""
FILES = 256
"""Open files at once that an emulator with all functions may need."""


@dataclass(frozen=True)
class Finding:
    """What was looked at, whether it is well, and what to do if not."""

    what: str
    well: bool
    says: str


Look = Callable[[Settings], Finding]


def run(settings: Settings) -> None:
    """Print all findings. Raises `ProblemError` if something is not well."""
    wrong = 0
    for finding in findings(settings):
        wrong += not finding.well
        template = "[green]✔[/] {} {}" if finding.well else "[red]✘[/] {} {}"
        console.print(styled(template, f"{finding.what:<12}", finding.says), soft_wrap=True)
    if wrong:
        raise ProblemError(f"{wrong} {'thing is' if wrong == 1 else 'things are'} not well: each line says what to do")


def findings(settings: Settings) -> Iterator[Finding]:
    """Look at everything that matters for these settings."""
    looks: list[Look] = [_python, _disk, _files, _home, _env_file, _proxies, _certificates]
    looks += [_port, _docker] if settings.endpoint else [_region, _profile, _credentials]
    for look in looks:
        yield look(settings)


def _python(_: Settings) -> Finding:
    missing = list(prerequisites.missing(["git"]))
    found = f"{platform.python_version()}, {platform.system()} on {platform.machine()}, {sys.executable}"
    return Finding("Python", not missing, "; ".join(missing) or found)


def _disk(_: Settings) -> Finding:
    free = shutil.disk_usage(ROOT).free
    left = f"{free / GIB:.1f} GiB are free"
    return Finding("disk", free >= NEEDED, left if free >= NEEDED else f"only {left}: make room for {NEEDED / GIB} GiB")


def _files(_: Settings) -> Finding:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    well = soft == resource.RLIM_INFINITY or soft >= FILES
    said = f"{soft} at once"
    return Finding("open files", well, said if well else f"only {said}: run `ulimit -n {min(1024, hard)}` first")


def _home(settings: Settings) -> Finding:
    home = settings.shell.get("HOME") or "none"
    if Machine.of(settings.shell).home_is_writable:
        return Finding("home", well=True, says=home)
    return Finding("home", well=True, says=f"{home}, which cannot be written: caches go to .local/home instead")


def _env_file(_: Settings) -> Finding:
    path = ROOT / ".env"
    if not path.exists():
        return Finding(".env", well=True, says="there is none, and none is needed")
    unknown = {name: near[0] for name in env_file.read(path) if name not in SETTINGS and (near := _near(name))}
    meant = ", ".join(f"{name} (did you mean {near}?)" for name, near in unknown.items())
    return Finding(".env", not unknown, f"it sets {meant}" if unknown else "read")


def _near(name: str) -> list[str]:
    return get_close_matches(name.upper(), SETTINGS, n=1, cutoff=0.8)


def _proxies(settings: Settings) -> Finding:
    named = sorted(name for name in PROXIES if settings.shell.get(name) and "no_proxy" not in name.lower())
    if not named:
        return Finding("proxies", well=True, says="none; one that is needed goes into HTTPS_PROXY")
    return Finding("proxies", well=True, says=f"{', '.join(named)}: for AWS and packages, never for this machine")


def _certificates(settings: Settings) -> Finding:
    named = {name: settings.shell[name] for name in sorted(CERTIFICATES) if settings.shell.get(name)}
    gone = [f"{name}={path}" for name, path in named.items() if not Path(path).exists()]
    if gone:
        return Finding("certificates", well=False, says=f"there is no such file: {', '.join(gone)}; unset or fix it")
    return Finding("certificates", well=True, says=f"your own: {', '.join(named)}" if named else "those of Python")


def _port(settings: Settings) -> Finding:
    if settings.backend is Backend.EMBEDDED and Emulator.of_this_checkout(settings.port).is_running:
        return Finding("port", well=True, says=f"{settings.port}: this checkout's emulator runs there")
    with socket.socket() as probe:
        probe.settimeout(1)
        taken = probe.connect_ex(("127.0.0.1", settings.port)) == 0
    said = f"{settings.port} is free"
    if taken and settings.backend is not Backend.EMBEDDED:
        return Finding(
            "port", well=True, says=f"something answers on {settings.port}: {settings.backend}, if you began it"
        )
    return Finding(
        "port", not taken, f"{settings.port} is taken by another program: choose PORT=4570" if taken else said
    )


def _docker(settings: Settings) -> Finding:
    if settings.backend is Backend.EMBEDDED:
        return Finding("Docker", well=True, says="not needed for BACKEND=embedded")
    if (emulator := adapter(Target.from_environment())).runs_already:
        return Finding("Docker", well=True, says=f"not needed: {emulator.name} already runs")
    try:
        docker.require_compose("use BACKEND=embedded, which needs none of it")
    except ProblemError as problem:
        return Finding("Docker", well=False, says=str(problem))
    if settings.backend is Backend.LOCALSTACK and not settings.localstack_token:
        return Finding(
            "Docker", well=False, says="it answers, but LocalStack needs a token: LOCALSTACK_AUTH_TOKEN in .env"
        )
    return Finding("Docker", well=True, says="it answers, and has Compose")


def _region(_: Settings) -> Finding:
    try:
        region = Target.from_environment().session.region_name
    except BotoCoreError as error:
        return Finding("region", well=False, says=str(error))
    return Finding("region", bool(region), region or "none is set: add AWS_REGION, for example AWS_REGION=eu-central-1")


def _profile(settings: Settings) -> Finding:
    profile = settings.profile
    if profile and profile not in Session().available_profiles:
        return Finding("profile", well=False, says=f"there is no profile {profile}: see `aws configure list-profiles`")
    return Finding("profile", well=True, says=profile or "none is named: AWS's own rules find the credentials")


def _credentials(settings: Settings) -> Finding:
    del settings
    try:
        who = Target.from_environment().client("sts").get_caller_identity()
    except (BotoCoreError, ClientError) as error:
        said = " ".join(str(error).split())
        return Finding(
            "credentials", well=False, says=f"AWS does not take them ({said}): log in, as with `aws sso login`"
        )
    return Finding("credentials", well=True, says=f"{who['Arn']} in account {who['Account']}")
