"""Deploys the stack: with `samlocal` to an emulator, with `sam` to AWS."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from tools.base import settings
from tools.base.cloudformation import parse_template
from tools.base.problem import ProblemError
from tools.base.stack import Stack
from tools.base.target import NAME, SAMCONFIG, Target
from tools.deploying.build import BUILD, overrides, reading, run_sam
from tools.deploying.parameters import values, without_versions
from tools.deploying.protect import protect
from tools.deploying.readiness import make_ready
from tools.deploying.versions import digest, with_versions
from tools.operating.archive import keep_archive

LAYER = "AWS::Serverless::LayerVersion"


def deploy(target: Target, **asked: str) -> None:
    """Deploy what was built; `asked` sets parameters of the template. Raises `ProblemError`."""
    if not (BUILD / "template.yaml").is_file():
        raise ProblemError("nothing is built yet: run `make build`")
    chosen = values(target, asked)
    make_ready(target)
    with reading():
        _run_sam_deploy(target, chosen)
    if target.endpoint:
        keep_archive(Stack.of(target))
    if target.is_production:
        protect(target)


def _run_sam_deploy(target: Target, chosen: Mapping[str, str]) -> None:
    if not has_versions(target, chosen):
        _run_sam_with(BUILD / "template.yaml", target, without_versions(chosen))
        return
    # Beside the built one, whose paths it shares, under a name of its own: two stacks may be deployed at once, and the
    # same one to two emulators.
    with NamedTemporaryFile("w", dir=BUILD, prefix=f"{target.stack_name}-", suffix=".json") as template:
        json.dump(_with_versions(chosen), template, indent=1)
        template.flush()
        _run_sam_with(Path(template.name), target, chosen)


def _run_sam_with(template: Path, target: Target, chosen: Mapping[str, str]) -> None:
    # SAM looks for its configuration beside the template, unless it is told.
    words = ["--template-file", str(template), "--config-file", str(SAMCONFIG), "--config-env", target.config_env]
    # The prefix is the stack's own folder in the bucket that all of SAM shares, so that a role can be held to it.
    words += ["--stack-name", target.stack_name, "--s3-prefix", target.stack_name]
    if not target.endpoint and target.config_env != target.stage:
        words += ["--tags", f"project={NAME} stage={target.stage}"]
    if not target.endpoint and (role := settings.current().cloudformation_role):
        words += ["--role-arn", role]
    run_sam("deploy", target, *words, *overrides(chosen), program="samlocal" if target.endpoint else "sam")


def has_versions(target: Target, chosen: Mapping[str, str]) -> bool:
    """Return whether functions are reached through an alias: on AWS, and wherever somebody asks for what needs one."""
    return not target.endpoint or chosen["SnapStart"] == "on" or chosen["GradualDeployments"] == "true"


def _with_versions(chosen: Mapping[str, str]) -> dict[str, Any]:
    """Return the built template with versions."""
    built: dict[str, Any] = parse_template((BUILD / "template.yaml").read_text())
    folder = cache(lambda path: digest(BUILD / path))
    layers = [each["Properties"]["ContentUri"] for each in built["Resources"].values() if each["Type"] == LAYER]
    return with_versions(
        built,
        chosen,
        lambda function: "".join(map(folder, [built["Resources"][function]["Properties"]["CodeUri"], *layers])),
    )
