"""The environment of each process that the tools start, and of the tools themselves.

What a process gets is a list of what it may have: a variable that the shell happens to hold, and that changes what AWS
clients, Python, pip, uv, git, Docker or SAM do, gets nowhere. It follows from the settings alone, hence from the
shell, `.env` and the command line.
"""

import os
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from tools.base.root import ROOT
from tools.base.settings import EMULATOR_KEY, Settings, Source

MACHINE = frozenset(
    # What any program needs, and what a Python that was installed by hand needs to find its libraries.
    ("PATH", "HOME", "USER", "LOGNAME", "TMPDIR", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH")
)
TERMINAL = frozenset(("TERM", "COLORTERM", "NO_COLOR"))
PROXIES = frozenset(
    name for upper in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY") for name in (upper, upper.lower())
)
CERTIFICATES = frozenset(
    ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "AWS_CA_BUNDLE", "PIP_CERT")
)
PACKAGE_INDEX = frozenset(
    (
        *("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS", "PIP_NO_INDEX", "PIP_TRUSTED_HOST", "PIP_PROXY"),
        *("PIP_CLIENT_CERT", "PIP_CONFIG_FILE", "PIP_DEFAULT_TIMEOUT", "PIP_RETRIES"),
        *("PIP_KEYRING_PROVIDER", "NETRC", "XDG_CONFIG_HOME", "XDG_CONFIG_DIRS"),
        *("UV_DEFAULT_INDEX", "UV_INDEX", "UV_INDEX_URL", "UV_EXTRA_INDEX_URL", "UV_FIND_LINKS", "UV_NO_INDEX"),
        *("UV_INSECURE_HOST", "UV_NATIVE_TLS", "UV_HTTP_TIMEOUT", "UV_KEYRING_PROVIDER", "UV_OFFLINE"),
    )
)
"""Where packages come from: the mirror of a firm, with what it takes to reach it."""
CREDENTIALS = frozenset(
    (
        *("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_CREDENTIAL_EXPIRATION"),
        *("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE", "AWS_ROLE_ARN", "AWS_ROLE_SESSION_NAME"),
        *("AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"),
        *("AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_AUTHORIZATION_TOKEN"),
        *("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "AWS_EC2_METADATA_DISABLED"),
        *("AWS_EC2_METADATA_SERVICE_ENDPOINT", "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE"),
        *("AWS_STS_REGIONAL_ENDPOINTS", "AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT", "AWS_SDK_UA_APP_ID"),
    )
)
"""Who somebody is on AWS (AWS SDKs and Tools Reference Guide, "Settings reference")."""
CREDENTIAL_PROGRAMS = frozenset(
    ("SSH_AUTH_SOCK", "GPG_TTY", "GPG_AGENT_INFO", "DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR", "DISPLAY")
)
"""What a `credential_process` of a profile needs to ask for a password."""
KEYS = frozenset(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_CREDENTIAL_EXPIRATION"))
ENGINE = frozenset(
    (
        *("DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_CONFIG", "DOCKER_CERT_PATH", "DOCKER_TLS_VERIFY"),
        *("DOCKER_API_VERSION", "XDG_RUNTIME_DIR", "SSH_AUTH_SOCK"),
    )
)
"""How Docker is reached (Docker CLI reference, "Environment variables")."""
DESKTOP = frozenset(
    (
        *("BROWSER", "DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY", "DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR"),
        *("XDG_CURRENT_DESKTOP", "XDG_SESSION_TYPE", "XDG_DATA_DIRS", "XDG_DATA_HOME", "DESKTOP_SESSION"),
        *("XDG_CONFIG_HOME", "XDG_CONFIG_DIRS", "VSCODE_IPC_HOOK_CLI", "WSL_DISTRO_NAME", "WSL_INTEROP"),
    )
)
"""How a program is opened on somebody's desktop, or from a container or a remote shell on the desktop it belongs to."""
PLAIN = {
    # Python writes UTF-8, compiles what it imports once, and reads no folder of the person's own packages.
    "PYTHONUTF8": "1",
    "PYTHONNOUSERSITE": "1",
    "LC_ALL": "C.UTF-8",
}
NO_PROXY_HERE = ("127.0.0.1", "localhost", "::1")
"""What never goes through a proxy."""


class Child(Enum):
    """The processes that get an environment of their own."""

    TOOL = "the tools themselves"
    CHECKS = "tests, linters and the benchmark"
    EMULATOR = "the embedded emulator, and the functions in it"
    BUILD = "sam build, and the pip in it"
    SAM = "the SAM CLI and samlocal"
    INSTALLER = "pip and uv"
    GIT = "git"
    DOCKER = "Docker and Compose"
    BROWSER = "the person's browser"


MAY_HAVE = {
    Child.TOOL: TERMINAL,
    # On CI nothing that is missing is skipped.
    Child.CHECKS: TERMINAL | {"CI"} | PROXIES | CERTIFICATES | PACKAGE_INDEX | ENGINE,
    Child.EMULATOR: frozenset[str](),
    Child.BUILD: PROXIES | CERTIFICATES | PACKAGE_INDEX | ENGINE,
    Child.SAM: PACKAGE_INDEX | ENGINE,
    Child.INSTALLER: PROXIES | CERTIFICATES | PACKAGE_INDEX,
    Child.GIT: frozenset[str](),
    Child.DOCKER: PROXIES | CERTIFICATES | ENGINE,
    Child.BROWSER: DESKTOP | PROXIES | CERTIFICATES,
}
"""What each may have of the shell beside `MACHINE`."""
CALL_AWS = {Child.TOOL, Child.SAM}
"""What calls AWS, or the emulator in its place. On AWS they have credentials, proxies and certificates as well."""


NO_SETTINGS_OF_AWS = {Child.CHECKS, Child.BUILD}
"""What reads `~/.aws`, though it calls no AWS, and would stumble over what is wrong there. (An installer does not read
it, but a keyring that it asks for the key of a package index may.)"""
NONE_OF_AWS = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}


@dataclass(frozen=True)
class Machine:
    """What an environment depends on beside the settings."""

    home_is_writable: bool = True
    """Whether the person has a home in which tools can keep their caches."""
    temporary_is_writable: bool = True
    """Whether `TMPDIR` is a folder that can be written."""
    home_instead: str = str(ROOT / ".local" / "home")
    programs: str = str(Path(sys.executable).parent)
    """Where the tools' own programs are."""

    @classmethod
    def of(cls, shell: Mapping[str, str]) -> "Machine":
        """Look at this machine."""
        return cls(_is_writable(shell.get("HOME", "")), _is_writable(shell.get("TMPDIR", "")))


def environment(child: Child, settings: Settings, machine: Machine | None = None) -> dict[str, str]:
    """Return the whole environment of a process."""
    machine = machine or Machine.of(settings.shell)
    allowed = MACHINE | MAY_HAVE[child]
    on_aws = child in CALL_AWS and not settings.endpoint
    if on_aws:
        allowed |= CREDENTIALS | CREDENTIAL_PROGRAMS | PROXIES | CERTIFICATES
        if settings.values["AWS_PROFILE"].source is Source.COMMAND_LINE:
            # Keys in the environment would come before the profile that was just named.
            allowed -= KEYS
    if not machine.temporary_is_writable:
        allowed -= {"TMPDIR"}
    taken = _of(settings.shell, allowed) | PLAIN
    taken["PATH"] = os.pathsep.join([machine.programs, taken.get("PATH") or os.defpath])
    if not machine.home_is_writable:
        taken = _settings_in(taken.get("HOME", ""), allowed) | taken | {"HOME": machine.home_instead}
    taken |= _around_proxies(taken)
    if child in NO_SETTINGS_OF_AWS:
        return taken | NONE_OF_AWS
    if child not in CALL_AWS:
        return taken
    if settings.endpoint:
        return taken | emulator_coordinates(settings.endpoint, settings.region or "")
    return taken | _aws_coordinates(settings)


def _is_writable(folder: str) -> bool:
    return Path(folder).is_absolute() and Path(folder).is_dir() and os.access(folder, os.W_OK | os.X_OK)


def _of(shell: Mapping[str, str], allowed: Iterable[str]) -> dict[str, str]:
    """Return what the shell has of these names; an empty variable counts as none."""
    return {name: shell[name] for name in allowed if shell.get(name)}


def _settings_in(home: str, allowed: Iterable[str]) -> dict[str, str]:
    """Return where settings are that a process looks for in a home, though it keeps its caches elsewhere."""
    places = {
        "AWS_CONFIG_FILE": f"{home}/.aws/config",
        "AWS_SHARED_CREDENTIALS_FILE": f"{home}/.aws/credentials",
        "XDG_CONFIG_HOME": f"{home}/.config",
        "NETRC": f"{home}/.netrc",
        "DOCKER_CONFIG": f"{home}/.docker",
    }
    return {name: place for name, place in places.items() if home and name in allowed}


def _around_proxies(taken: Mapping[str, str]) -> dict[str, str]:
    """Return what keeps a process that has proxies from asking one for this machine."""
    if not any(name in taken for name in PROXIES):
        return {}
    exempt = taken.get("no_proxy") or taken.get("NO_PROXY") or ""
    names = [name for name in (each.strip() for each in exempt.split(",")) if name]
    no_proxy = ",".join(dict.fromkeys((*names, *NO_PROXY_HERE)))
    return {"NO_PROXY": no_proxy, "no_proxy": no_proxy}


def _aws_coordinates(settings: Settings) -> dict[str, str]:
    region = {"AWS_REGION": settings.region, "AWS_DEFAULT_REGION": settings.region} if settings.region else {}
    profile = {"AWS_PROFILE": settings.profile} if settings.profile else {}
    # Neither a variable nor a profile leads to an emulator.
    return region | profile | {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"}


def emulator_coordinates(endpoint: str, region: str) -> dict[str, str]:
    """Return what leads the AWS clients in a process to an emulator, whatever `~/.aws` says."""
    return {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_ACCESS_KEY_ID": EMULATOR_KEY,
        "AWS_SECRET_ACCESS_KEY": EMULATOR_KEY,
        **NONE_OF_AWS,
        "AWS_EC2_METADATA_DISABLED": "true",
        # Nor does a proxy that the system is set to, as macOS keeps one beside the environment.
        "NO_PROXY": "*",
        "no_proxy": "*",
    }
