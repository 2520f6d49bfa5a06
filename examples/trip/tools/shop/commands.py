"""The commands of the travel agency. Each imports what it uses when it runs."""

from typing import Annotated

import typer

from tools.base.problem import ProblemError
from tools.base.stack import Stack
from tools.base.target import Target

app = typer.Typer()


@app.command("demo")
def _demo() -> None:
    """Bring everything up and run three trips through it."""
    from tools.shop import demo

    demo.run(Target.to_write("deploys and runs three trips on"))


@app.command("trigger")
def _trigger(name: Annotated[str, typer.Argument(help="Its name, as in `make trigger-happy`.")]) -> None:
    """Request a trip, follow it to its end, and check that the end is the promised one."""
    from tools.operating import timeline
    from tools.shop import triggers

    if name not in triggers.TRIGGERS:
        raise ProblemError(f"there is no trigger {name}: choose one of {', '.join(triggers.TRIGGERS)}")
    timeline.show_record(triggers.pull(name, Stack.of(Target.to_write("requests a trip on"))))


@app.command("poison")
def _poison() -> None:
    """Send a malformed event, and show it arrive in the dead-letter queue."""
    from tools.operating.letter_printing import show
    from tools.shop import poison

    show(poison.send(Stack.of(Target.to_write("publishes a malformed event on"))))


@app.command("seats")
def _seats(*, fill: Annotated[bool, typer.Option(help="Put the demo's flights there first.")] = False) -> None:
    """Print the free seats."""
    from tools.shop import seats
    from tools.shop.seed import seed

    stack = Stack.of(Target.to_write("overwrites the seats of") if fill else Target.from_environment())
    if fill:
        seed(stack)
    seats.show(stack)
