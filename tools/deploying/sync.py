"""Syncs a stack on AWS with the code while it is edited."""

import subprocess

from tools.base.problem import ProblemError
from tools.base.target import ROOT, Target
from tools.deploying.build import TOOLS, overrides, sam_environment
from tools.deploying.parameters import values, without_versions


def sync(target: Target) -> None:
    """Run `sam sync --watch` in this terminal until Ctrl-C. Raises `ProblemError` for prod: it bypasses deployments."""
    if target.stage == "prod":
        raise ProblemError("prod is not synced: use STAGE=dev, then `make deploy STAGE=prod`")
    words = ["sync", "--config-env", target.config_env, "--stack-name", target.stack_name]
    words += overrides(without_versions(values(target, {})))
    subprocess.run([TOOLS / "sam", *words], cwd=ROOT, env=sam_environment(target), check=False)
