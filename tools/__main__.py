"""The command line behind the Makefile: `python -m tools COMMAND`. Each folder has its commands in `commands.py`."""

import typer

from tools.base import command
from tools.console import commands as console
from tools.deploying import commands as deploying
from tools.emulator import commands as emulator
from tools.invoking import commands as invoking
from tools.machine import commands as machine
from tools.operating import commands as operating
from tools.project import commands as project
from tools.shop import commands as shop

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
for topic in (shop, emulator, deploying, operating, console, invoking, machine, project):
    app.add_typer(topic.app)


def main() -> None:
    """Run a command; what goes wrong is one line, without a traceback."""
    command.main(app)


if __name__ == "__main__":
    main()
