"""The way a command ends: what goes wrong is one line on standard error and exit status 1, never a traceback."""

import sys
from collections.abc import Callable

from tools.base.problem import ProblemError
from tools.base.target import Target

STOPPED = 130
"""The exit status of a command that was stopped with Ctrl-C, as shells have it."""


def run(command: Callable[[], object]) -> None:
    """Run a command, and exit with 1 if it raises `ProblemError` or an error of AWS; other errors are bugs."""
    try:
        command()
    except ProblemError as problem:
        _exit(str(problem))
    except Exception as error:
        if (said := explanation(error, Target.from_environment())) is None:
            raise
        _exit(said)


def explanation(error: Exception, target: Target) -> str | None:
    """Return what an error of AWS means and what to do about it, in one line; None if AWS has no part in it."""
    # Where nobody imported botocore, nobody called AWS.
    if "botocore" not in sys.modules:
        return None
    from botocore import exceptions as aws

    match error:
        case aws.NoCredentialsError():
            return "there are no AWS credentials: log in, for example with `aws sso login`"
        case aws.NoRegionError():
            return "no AWS region is set: set AWS_REGION, for example to eu-central-1"
        case aws.EndpointConnectionError() | aws.ConnectionClosedError() if target.endpoint:
            return f"nothing answers at {target.name}: start it with `make up`"
        case aws.ClientError() | aws.BotoCoreError():
            said = " ".join(str(error).split())
            return f"AWS refused: {said}" if isinstance(error, aws.ClientError) else f"AWS could not be called: {said}"
    return None


def _exit(message: str) -> None:
    from rich.markup import escape

    from tools.base.console import problems

    problems.print(f"[red]✘[/] {escape(message)}", soft_wrap=True)
    sys.exit(1)
