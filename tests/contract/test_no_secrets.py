"""Nothing secret in the repository."""

import re
import subprocess

import pytest

from local.target import ROOT

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


@pytest.mark.parametrize("kind", SECRETS)
def test_no_tracked_file_holds_a_secret(kind: str) -> None:
    assert SECRETS[kind].search(EXAMPLES[kind])
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    files = [ROOT / name for name in tracked.split("\0") if name and (ROOT / name).is_file()]
    assert files
    found = [str(file.relative_to(ROOT)) for file in files if SECRETS[kind].search(file.read_text(errors="replace"))]
    assert found == []


def test_the_environment_file_is_never_tracked() -> None:
    ignored = subprocess.run(["git", "check-ignore", "--quiet", ".env"], cwd=ROOT, check=False)
    assert ignored.returncode == 0
