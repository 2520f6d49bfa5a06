"""The commands that start and stop the emulator. Each imports what it uses when it runs."""

import typer

from tools.base.target import Target

app = typer.Typer()


@app.command("up")
def _up() -> None:
    """Start the backend: the embedded emulator, or another one in a container."""
    from tools.emulator.backends import adapter

    adapter(Target.from_environment()).start()


@app.command("down")
def _down() -> None:
    """Stop the backend."""
    from tools.base.console import console
    from tools.emulator.backends import adapter

    console.print(adapter(Target.from_environment()).stop())
