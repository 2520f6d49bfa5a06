"""The way a command starts and ends.

It starts with its settings, and in an environment of its own. What goes wrong is one line on standard error and an exit
status, never a traceback.
"""

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import typer
from typer._click.exceptions import ClickException, UsageError  # Typer has no other name for them

from tools.base import arguments, entering, settings
from tools.base.console import finish, problems, styled
from tools.base.problem import ProblemError
from tools.base.target import Target

if TYPE_CHECKING:
    from click import Command

STOPPED = 130
"""The exit status of a command that was stopped with Ctrl-C, as shells have it."""
FAULT, MISUSE = 1, 2


def main(app: typer.Typer) -> None:
    """Run the command of this process's line: with what was typed to make, and in an environment of its own."""
    run(lambda: _start(app, sys.argv[1:]))


def _start(app: typer.Typer, line: Sequence[str]) -> object:
    entered = entering.enter()
    if entered.problem:
        raise entered.problem
    given, shell = arguments.typed(entered.shell), entered.shell
    words = [*line, *_typed_words(arguments.commands(app), line, given, shell)]
    return app(args=words, prog_name="python -m tools", standalone_mode=False)


def _typed_words(
    commands: "Mapping[str, Command]", line: Sequence[str], given: Mapping[str, str], shell: Mapping[str, str]
) -> list[str]:
    """Return the words that mean what was typed to make behind the command."""
    if not line or (command := commands.get(line[0])) is None:
        return []
    goals = shell.get("GOALS", "").split()
    together = [commands.get(goal) or commands.get(goal.partition("-")[0]) for goal in goals]
    name = next((goal for goal in goals if goal.startswith(line[0])), line[0])
    return arguments.words(command, name, given, [each for each in together if each])


def run(command: Callable[[], object]) -> None:
    """Run a command, and exit with its status."""
    status: object = None
    try:
        status = command()
        finish()
    except UsageError as error:
        _exit(_misuse(error), MISUSE)
    except ClickException as error:
        _exit(error.format_message(), error.exit_code)
    except ProblemError as problem:
        _exit(str(problem))
    except (KeyboardInterrupt, typer.Abort):
        sys.exit(STOPPED)
    except Exception as error:
        if _wants_to_see_all():
            raise
        _exit(explanation(error, _target()) or _unexpected(error))
    sys.exit(status if isinstance(status, int) else 0)


def explanation(error: Exception, target: Target | None) -> str | None:  # noqa: PLR0911  one each
    """Return what an error of AWS or of this machine means and what to do about it, in one line; None for a bug."""
    if isinstance(error, OSError) and not isinstance(error, ConnectionError) and "botocore" not in str(type(error)):
        return _of_this_machine(error)
    # Where nobody imported botocore, nobody called AWS.
    if "botocore" not in sys.modules:
        return None
    from botocore import exceptions as aws
    from botocore.parsers import ResponseParserError

    match error:
        case aws.NoCredentialsError() | aws.CredentialRetrievalError():
            return "there are no AWS credentials: log in, for example with `aws sso login`"
        case aws.NoRegionError():
            return "no AWS region is set: set AWS_REGION, for example to eu-central-1"
        case aws.ProfileNotFound():
            return f"{' '.join(str(error).split())}: choose another with AWS_PROFILE, or none"
        case aws.EndpointConnectionError() | aws.ConnectionClosedError() if target and target.endpoint:
            return f"nothing answers at {target.name}: start it with `make up`"
        case ResponseParserError() if target and target.endpoint:
            return (
                f"what answers at {target.name} is no emulator: stop it, or choose another port, as in PORT=4570, and "
                "`make up`"
            )
        case aws.ClientError() | aws.BotoCoreError():
            said = " ".join(str(error).split())
            return f"AWS refused: {said}" if isinstance(error, aws.ClientError) else f"AWS could not be called: {said}"
    return None


def _of_this_machine(error: OSError) -> str:
    from errno import EACCES, EDQUOT, EMFILE, ENFILE, ENOSPC, EPERM, EROFS

    what = f"{error.filename}: " if error.filename else ""
    said = {
        ENOSPC: "the disk is full: make room, for example with `make clean`",
        EDQUOT: "your share of the disk is used up: make room, for example with `make clean`",
        EROFS: "the folder is read-only: work in a copy that you can write to",
        EACCES: "you have no right to that: look whose it is, for example with `ls -l`",
        EPERM: "you have no right to that: look whose it is, for example with `ls -l`",
        EMFILE: "too many files are open: raise the limit, for example with `ulimit -n 1024`",
        ENFILE: "too many files are open on this machine: end other programs",
    }.get(error.errno or 0)
    return f"{what}{said}" if said else f"{what}{error.strerror or error}"


def _unexpected(error: Exception) -> str:
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    at = f" at {os.path.basename(trace.tb_frame.f_code.co_filename)}:{trace.tb_lineno}" if trace else ""  # noqa: PTH119
    said = " ".join(str(error).split())
    return f"unexpected {type(error).__name__}{at}: {said}; this is a fault of the tools, DEBUG=yes shows more"


def _misuse(error: UsageError) -> str:
    """Return what is wrong with the words of a line, by the variable of make that it is."""
    parameter = getattr(error, "param", None)
    name = arguments.variable_of(parameter) if parameter else ""
    message = error.message or ""
    if name and not message:
        means = (getattr(parameter, "help", None) or "").rstrip(".")
        return f"{name} is missing: add {name}=…" + (f" ({means[0].lower()}{means[1:]})" if means else "")
    return f"{name}: {message}" if name else error.format_message()


def _wants_to_see_all() -> bool:
    try:
        return settings.current().debug
    except ProblemError:
        return False


def _target() -> Target | None:
    try:
        return Target.from_environment()
    except ProblemError:
        return None


def _exit(message: str, status: int = FAULT) -> None:
    try:
        finish()
    except OSError as error:
        message = _of_this_machine(error)
    problems.print(styled("[red]✘[/] {}", message), soft_wrap=True)
    sys.exit(status)
