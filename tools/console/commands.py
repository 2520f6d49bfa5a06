"""The command that serves the console. It imports what it uses when it runs."""

from typing import Annotated

import typer

from tools.base.target import Target

app = typer.Typer()


@app.command("console")
def _console(
    *,
    actions: Annotated[bool, typer.Option("--actions", help="On AWS: act as well, instead of only looking.")] = False,
    console_port: Annotated[int | None, typer.Option(min=1, max=65535, help="Its own port on this machine.")] = None,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Open no browser.")] = False,
) -> None:
    """Serve the console on this machine and open it: the stack, live, in a browser.

    On AWS it costs what `make watch` costs, and reads logs, the queue and the index of orders while a page is open.
    """
    from tools.console.starting import start

    target = Target.to_write("makes a rule and a queue beside")
    start(target, acts=actions or target.endpoint is not None, port=console_port, opens=not no_browser)
