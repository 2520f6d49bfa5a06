"""Nothing secret in the repository."""

import re
import subprocess
from pathlib import Path

import pytest

from tools.base.target import ROOT
from tools.project.rename import project_files

SECRETS = {
    "AWS access key": re.compile(r"\b(AKIA|ASIA)[0-9A-Z]{16}\b"),
    "private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
    "token": re.compile(r"\b(ghp|gho|ghs|github_pat|pypi|xox[abp]|ls)[-_][0-9A-Za-z_-]{20,}"),
    "secret key": re.compile(r"(?i)secret_?(access_?)?key\W{1,5}[0-9a-z/+]{40}\b"),
}
EXAMPLES = {
    "AWS access key": "AKIA" + "IOSFODNN7EXAMPLE",
    "private key": "-----BEGIN RSA" + " PRIVATE KEY-----",
    "token": "ghp" + "_0123456789abcdefghijABCDEFGHIJ012345",
    "secret key": "AWS_SECRET_ACCESS_KEY=" + "wJalrXUtnFEMI/K7MDENG/" + "bPxRfiCYEXAMPLEKEY",
}


def ours() -> list[Path]:
    """Return the files that git tracks, or would track: a copy of this project may not be under git yet."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    names = listed.stdout.split("\0") if listed.returncode == 0 else [str(path) for path in project_files(ROOT)]
    return [ROOT / name for name in names if name and (ROOT / name).is_file()]


@pytest.mark.parametrize("kind", SECRETS)
def test_no_tracked_file_holds_a_secret(kind: str) -> None:
    assert SECRETS[kind].search(EXAMPLES[kind])
    files = ours()
    assert ROOT / "template.yaml" in files
    found = [str(file.relative_to(ROOT)) for file in files if SECRETS[kind].search(file.read_text(errors="replace"))]
    assert found == []


def test_the_environment_file_is_never_tracked() -> None:
    assert ".env" in (ROOT / ".gitignore").read_text().splitlines()
