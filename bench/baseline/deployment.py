"""Builds and deploys the naive choreography beside order-saga, plain or with Powertools' idempotency."""

import fcntl
import hashlib
import re
import subprocess
import sys
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path

from bench.places import REGION, target_on
from tools.base.stack import Stack
from tools.base.target import ROOT, Target
from tools.deploying.build import BUILD, RUNTIME, architecture, overrides, run_sam
from tools.emulator.embedded import Emulator

HERE = Path(__file__).parent
TEMPLATE = HERE / "template.yaml"
PINNED = ROOT / "src" / "requirements.txt"
IDEMPOTENCY_NEEDS = ("aws-lambda-powertools", "jmespath", "typing-extensions")
"""What the idempotency utility needs beside boto3; in order-saga's own versions."""


class Baseline(StrEnum):
    """A variant of the naive choreography, as the tables name it."""

    NAIVE = "naive"
    IDEMPOTENT = "naive with idempotency"

    @property
    def stack_name(self) -> str:
        """The name of its stack."""
        return self.value.replace(" ", "-")

    @property
    def built(self) -> Path:
        """Where it is built."""
        return BUILD.parent / "baseline" / self.stack_name


def baseline_on(emulator: Emulator, baseline: Baseline) -> Stack:
    """Build and deploy a variant on an emulator. Raises `ProblemError`."""
    target = target_on(emulator, baseline.stack_name)
    build(target, baseline)
    # A bucket of its own: two deployments at once would both make the one that all of SAM shares.
    bucket = {"LocationConstraint": REGION}
    target.client("s3").create_bucket(Bucket=target.stack_name, CreateBucketConfiguration=bucket)  # type: ignore[arg-type]
    words = ["--template-file", str(baseline.built / "template.yaml"), "--stack-name", target.stack_name]
    words += ["--s3-bucket", target.stack_name, "--capabilities", "CAPABILITY_IAM"]
    run_sam("deploy", target, *words, *overrides(parameters(target, baseline)), program="samlocal")
    return Stack.of(target)


def parameters(target: Target, baseline: Baseline) -> dict[str, str]:
    """Return the template's parameters."""
    return {
        "Stage": target.stage,
        "PythonRuntime": RUNTIME,
        "Architecture": architecture(target),
        "Idempotency": "on" if baseline is Baseline.IDEMPOTENT else "off",
    }


def build(target: Target, baseline: Baseline) -> bool:
    """Build a variant as order-saga is built, byte-compiled; return False if it was up to date."""
    baseline.built.parent.mkdir(parents=True, exist_ok=True)
    with (baseline.built.parent / "build.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        stamp, digest = baseline.built / ".built", _digest(target, baseline)
        if stamp.is_file() and stamp.read_text() == digest:
            return False
        words = ["--template-file", str(TEMPLATE), "--build-dir", str(baseline.built)]
        if baseline is Baseline.IDEMPOTENT:
            requirements = baseline.built.with_suffix(".txt")
            requirements.write_text(only(IDEMPOTENCY_NEEDS, PINNED.read_text()))
            words += ["--manifest", str(requirements)]
        run_sam("build", target, *words, *overrides(parameters(target, baseline)))
        compile_all = ["-m", "compileall", "-q", "-f", "--invalidation-mode", "unchecked-hash"]
        subprocess.run([sys.executable, *compile_all, baseline.built], check=True, stdout=subprocess.DEVNULL)
        stamp.write_text(digest)
        return True


def only(names: Iterable[str], requirements: str) -> str:
    """Return of a requirements file, as pip-tools and uv compile them, what pins these packages, hashes included.

    Raises `ValueError` if it does not pin one of them.
    """
    pins = {pin.partition("==")[0]: pin for pin in re.split(r"^(?=\w)", requirements, flags=re.MULTILINE)}
    missing = set(names) - set(pins)
    if missing:
        raise ValueError(f"not pinned: {', '.join(sorted(missing))}")
    return "".join(pins[name] for name in names)


def _digest(target: Target, baseline: Baseline) -> str:
    digest = hashlib.sha256(repr(sorted(parameters(target, baseline).items())).encode())
    for path in [TEMPLATE, PINNED, *sorted((HERE / "src").rglob("*.py"))]:
        digest.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return digest.hexdigest()
