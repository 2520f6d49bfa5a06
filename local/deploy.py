"""Deploys the stack: with `samlocal` to an emulator, with `sam` to AWS."""

from local.build import BUILD, overrides, parameters, run_sam
from local.problem import ProblemError
from local.target import Target


def deploy(target: Target, **extra: str) -> None:
    """Deploy what was built; `extra` sets further parameters of the template. Raises `ProblemError`."""
    if not (BUILD / "template.yaml").is_file():
        raise ProblemError("nothing is built yet: run `make build`")
    words = ["--config-env", target.stage, "--stack-name", target.stack_name, *overrides(parameters(target) | extra)]
    run_sam("deploy", target, *words, program="samlocal" if target.endpoint else "sam")
