"""Deploys the stack: with `samlocal` to an emulator, with `sam` to AWS."""

from tools.base import settings
from tools.base.problem import ProblemError
from tools.base.target import Target
from tools.deploying.build import BUILD, overrides, parameters, run_sam
from tools.deploying.protect import protect


def deploy(target: Target, **extra: str) -> None:
    """Deploy what was built; `extra` sets further parameters of the template. Raises `ProblemError`."""
    if not (BUILD / "template.yaml").is_file():
        raise ProblemError("nothing is built yet: run `make build`")
    # The prefix is the stack's own folder in the bucket that all of SAM shares, so that a role can be held to it.
    words = ["--config-env", target.stage, "--stack-name", target.stack_name, "--s3-prefix", target.stack_name]
    if not target.endpoint and (role := settings.current().cloudformation_role):
        words += ["--role-arn", role]
    words += overrides(parameters(target) | extra)
    run_sam("deploy", target, *words, program="samlocal" if target.endpoint else "sam")
    if target.is_production:
        protect(target)
