"""The commands that look at this machine. Each imports what it uses when it runs."""

import typer

app = typer.Typer()


@app.command("settings")
def _settings() -> None:
    """Print the settings of this machine, each with where it came from."""
    from tools.base import settings
    from tools.machine.shown import show

    show(settings.current())


@app.command("doctor")
def _doctor() -> None:
    """Look at what is known to go wrong, and say of each whether it is well, or what to do."""
    from tools.base import settings
    from tools.machine import doctor

    doctor.run(settings.current())
