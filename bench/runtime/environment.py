"""A Python environment that has what Lambda's runtime brings, byte-compiled as Lambda's is, and nothing else.

The tools' own environment has more, awscrt and cryptography among it, which makes importing botocore dearer.
"""

import hashlib
import subprocess
import sys
import venv
from pathlib import Path

from tools.base.target import ROOT
from tools.deploying.build import RUNTIME, TOOLS

ENVIRONMENT = ROOT / ".local" / "bench" / "runtime"
REQUIREMENTS = Path(__file__).with_name("requirements.txt")


def lambda_python() -> Path:
    """Return the environment's Python; it is made once, and again when its requirements have changed."""
    python, stamp = ENVIRONMENT / "bin" / "python", ENVIRONMENT / ".installed"
    digest = hashlib.sha256(RUNTIME.encode() + REQUIREMENTS.read_bytes()).hexdigest()
    if stamp.is_file() and stamp.read_text() == digest:
        return python
    # Not by `uv venv`: it adds a hook to the imports, which Lambda does not have.
    venv.create(ENVIRONMENT, clear=True, symlinks=True)
    words = ["pip", "sync", "--quiet", "--require-hashes", "--compile-bytecode", "--python", str(python)]
    subprocess.run([TOOLS / "uv", *words, REQUIREMENTS], check=True)
    stamp.write_text(digest)
    return python


def versions() -> str:
    """Name what is in it that matters, with its version: `awslambdaric 4.2.2 and boto3 1.43.102`."""
    pinned = dict(line.split(" ")[0].split("==") for line in REQUIREMENTS.read_text().splitlines() if "==" in line)
    return f"awslambdaric {pinned['awslambdaric']} and boto3 {pinned['boto3']} on Python {sys.version.split()[0]}"
