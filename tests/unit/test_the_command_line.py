"""The command line starts fast: a command imports what it uses, and nothing else."""

import os
import subprocess
import sys

import pytest

from tools.base.target import ROOT

HEAVY = {
    "aws_lambda_powertools",
    "boto3",
    "botocore",
    "cfnlint",
    "httpx",
    "igraph",
    "matplotlib",
    "ministack",
    "moto",
    "samcli",
    "samtranslator",
}
USED = {
    "--help": set(),
    "down": {"httpx"},
    "cost": set(),
    "flow": {"aws_lambda_powertools", "boto3", "botocore", "samtranslator"},
    "stock": {"boto3", "botocore"},
}
"""What a command needs of the heavy packages; `flow` reads the handlers' annotations, and so imports what ships."""


@pytest.mark.parametrize("command", USED)
def test_a_command_imports_none_of_the_heavy_packages_that_it_does_not_use(command: str) -> None:
    run = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "tools", command],
        cwd=ROOT,
        env={"PATH": os.defpath, "PYTHONPATH": "src", "PORT": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    lines = [line.rpartition("|")[2].strip() for line in run.stderr.splitlines() if line.startswith("import time:")]
    assert "tools.base.console" in lines, run.stderr
    assert {line.partition(".")[0] for line in lines} & HEAVY == USED[command]
