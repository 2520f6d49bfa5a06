"""The commands that start and stop the emulator. Each imports what it uses when it runs."""

from typing import Annotated

import typer

from tools.base.target import Target

app = typer.Typer()


@app.command("up")
def _up() -> None:
    """Start the backend: the embedded emulator, or another one in a container."""
    from tools.deploying import plain_sam
    from tools.emulator.backends import adapter

    target = Target.from_environment()
    adapter(target).start()
    plain_sam.write(target)


@app.command("down")
def _down(
    *, every: Annotated[bool, typer.Option("--all", help="All embedded ones of this checkout, on any port.")] = False
) -> None:
    """Stop the backend."""
    from tools.base.console import console
    from tools.emulator.backends import adapter
    from tools.emulator.embedded import Emulator

    if every:
        for emulator in Emulator.all_of_this_checkout():
            emulator.stop()
        return
    console.print(adapter(Target.from_environment()).stop())
