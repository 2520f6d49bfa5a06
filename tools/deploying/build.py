"""Builds what is shipped to Lambda, with `sam build`, leaves out what nobody imports, and byte-compiles the rest."""

import fcntl
import hashlib
import json
import platform
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from tools.base import settings
from tools.base.cloudformation import parse_template
from tools.base.environments import Child, environment
from tools.base.problem import ProblemError
from tools.base.target import ROOT, Target
from tools.base.template import TEMPLATE
from tools.deploying import endpoints, lazy_imports
from tools.deploying import prune as pruning

BUILD = ROOT / ".aws-sam" / "build"
LONGEST_REASON = 500
"""Characters of a reason that are shown."""
TOOLS = Path(sys.executable).parent
"""Where the SAM CLI is: in the virtual environment of this Python."""
RUNTIME = f"python{sys.version_info.major}.{sys.version_info.minor}"
"""The Lambda runtime of this Python: what is built with it, and byte-compiled by it, runs there."""


def architecture(target: Target) -> str:
    """Return the processor to build for: this machine's for an emulator, whose functions run here; arm64 on AWS."""
    if target.endpoint and platform.machine().lower() in {"x86_64", "amd64"}:
        return "x86_64"
    return "arm64"


def parameters(target: Target) -> dict[str, str]:
    """Return the template's parameters that follow from where it goes."""
    here = {"Stage": target.stage, "PythonRuntime": RUNTIME, "Architecture": architecture(target)}
    # No emulator has all of these: an archive that replays, access logs, logs of the bus (docs/backends.md).
    return here | {"ArchiveDays": "0", "ApiAccessLogs": "off", "BusLogs": "off"} if target.endpoint else here


def build(target: Target, **asked: str) -> bool:
    """Build the functions into `.aws-sam/build`, and the layers that the parameters `asked` for need.

    Return False if they were up to date. Raises `ProblemError`.
    """
    decisive = _decisive(asked)
    stamp, digest = BUILD / ".built", _digest(target, decisive)

    def is_current() -> bool:
        return stamp.is_file() and stamp.read_text() == digest

    with reading():
        if is_current():
            return False
    with _locked(fcntl.LOCK_EX):
        # Tests in several processes ask for the same build at once: the first has made it.
        if is_current():
            return False
        foreign = _needs_other_wheels(target)
        pruning.check_imports(ROOT / "src")
        cache = ["--no-cached"] if foreign else []
        words = overrides(parameters(target) | decisive)
        run_sam("build", target, "--config-env", target.config_env, *cache, *words)
        if foreign:
            _install_for_this_machine()
        pruning.prune(BUILD, decisive.values())
        lazy_imports.import_on_demand(BUILD)
        endpoints.ship_endpoints(BUILD, ROOT / "src")
        # Importing is most of a cold start. Unchecked: the sources are never looked at, nobody edits them in Lambda.
        subprocess.run(
            [sys.executable, "-m", "compileall", "-q", "-f", "--invalidation-mode", "unchecked-hash", BUILD],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        stamp.write_text(digest)
        return True


def reading() -> AbstractContextManager[None]:
    """Keep others from building anew while what is built is read, as a deployment does."""
    return _locked(fcntl.LOCK_SH)


def sam_environment(target: Target, child: Child = Child.SAM) -> dict[str, str]:
    """Return the environment in which the SAM CLI works for this place, and keeps to its work."""
    return target.environment(child) | {
        "SAM_CLI_TELEMETRY": "0",
        "SAMCLI_CHECK_UPDATES": "0",
        "DISABLE_DEPRECATION_NOTICE": "1",
        # All functions are one artifact: built once, zipped once, uploaded once.
        "SAM_CLI_BETA_BUILD_PERFORMANCE": "1",
        "SAM_CLI_BETA_PACKAGE_PERFORMANCE": "1",
        "SAM_CLI_POLL_DELAY": "0.3" if target.endpoint else "5",
    }


def overrides(values: Mapping[str, str]) -> list[str]:
    """Return the command-line words that set the template's parameters."""
    quoted = {name: value.replace('"', r"\"") for name, value in values.items()}
    return ["--parameter-overrides", *(f'{name}="{value}"' for name, value in quoted.items())]


def run_sam(command: str, target: Target, *words: str, program: str = "sam") -> None:
    """Run the SAM CLI quietly. Raises `ProblemError` with what it said last if it fails; the rest is in a file."""
    done = subprocess.run(
        [TOOLS / program, command, *words],
        cwd=ROOT,
        env=sam_environment(target, Child.BUILD if command == "build" else Child.SAM),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode:
        log = ROOT / ".local" / f"sam-{command}.log"
        log.parent.mkdir(exist_ok=True)
        log.write_text(done.stdout)
        raise ProblemError(
            f"`{program} {command}` failed: {reason(done.stdout)} (all that it said is in {log.relative_to(ROOT)})"
        )


def reason(said: str) -> str:
    """Return the line in which a program says why it failed: the last one that looks like it, or else the last."""
    if "No space left on device" in said:
        return "the disk is full: make room, for example with `make clean`"
    lines = [" ".join(line.split()) for line in said.splitlines() if line.strip()]
    # CloudFormation's table of events names the resource and the reason; pip and SAM begin with their word for it.
    telling = [
        line for line in lines if re.search(r"\w+_FAILED\b|^(\w+\.)*\w*(Error|Invalid\w*|Exception)\b|^ERROR", line)
    ]
    return (
        (telling or lines or ["it said nothing"])[-1].removeprefix("Error: ").removeprefix("ERROR: ")[:LONGEST_REASON]
    )


@contextmanager
def _locked(how: int) -> Iterator[None]:
    BUILD.parent.mkdir(exist_ok=True)
    with (BUILD.parent / "build.lock").open("w") as lock:
        fcntl.flock(lock, how)
        yield


def _needs_other_wheels(target: Target) -> bool:
    """Return whether the functions will run on a machine that needs other wheels than Lambda, macOS for example."""
    return target.runs_functions_here and platform.system() != "Linux"


def _install_for_this_machine() -> None:
    """Replace the wheels for Linux: an emulator runs the functions right here, on macOS for example."""
    uv, requirements = Path(sys.executable).with_name("uv"), ROOT / "src" / "requirements.txt"
    words = ["pip", "install", "--quiet", "--reinstall", "--no-deps", "--python", sys.executable]
    for folder in {wheel.parents[1] for wheel in BUILD.glob("*/pydantic_core/*.so")}:
        subprocess.run(
            [uv, *words, "-r", requirements, "--target", folder],
            env=environment(Child.INSTALLER, settings.current()),
            check=True,
        )


def _decisive(asked: Mapping[str, str]) -> dict[str, str]:
    """Return the values of the parameters that decide which layers are built: of those in conditions of `SkipBuild`."""
    template = parse_template((ROOT / TEMPLATE).read_text())
    metadata = [each.get("Metadata", {}) for each in template["Resources"].values()]
    skipped = [each["SkipBuild"] for each in metadata if "SkipBuild" in each]
    conditions = json.dumps([template["Conditions"][skip["Fn::If"][0]] for skip in skipped])
    named = set(re.findall(r"\w+", conditions)) & template["Parameters"].keys()
    return {name: asked.get(name, str(template["Parameters"][name]["Default"])) for name in sorted(named)}


def _digest(target: Target, decisive: Mapping[str, str]) -> str:
    sources = sorted(
        path
        for folder in ("src", "layers")
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    )
    # Nothing here names the stage: what was built and tried out as dev is what is deployed as prod.
    digest = hashlib.sha256(repr((RUNTIME, architecture(target), _needs_other_wheels(target), decisive)).encode())
    steps = (Path(str(step.__file__)) for step in (pruning, lazy_imports, endpoints))
    for path in [ROOT / "template.yaml", ROOT / "observability.yaml", *steps, *sources]:
        digest.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return digest.hexdigest()
