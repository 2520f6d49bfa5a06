"""The command line behind the Makefile: `python -m local COMMAND`."""

import sys
from typing import Annotated

import typer

from local import api, demo, logs, stock, timeline, triggers
from local.build import build
from local.console import console, doing
from local.deploy import deploy
from local.emulator import Emulator
from local.problem import ProblemError
from local.stack import Stack
from local.target import Target

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)

OrderId = Annotated[str, typer.Argument(help="The order's id, as POST /orders gave it.")]


@app.command("demo")
def _demo() -> None:
    """Bring everything up and run three orders through it."""
    demo.run(Target.from_environment())


@app.command("up")
def _up() -> None:
    """Start the emulator."""
    demo.up(Target.from_environment())


@app.command("down")
def _down() -> None:
    """Stop the emulator."""
    target = Target.from_environment()
    stopped = Emulator.of_this_checkout(target.port).stop()
    console.print("the emulator is stopped" if stopped else f"no emulator of this checkout runs on port {target.port}")


@app.command("build")
def _build() -> None:
    """Build the functions."""
    with doing("building the functions with sam build"):
        build(Target.from_environment())


@app.command("deploy")
def _deploy() -> None:
    """Build and deploy the stack, and fill its shelves if it is a local one."""
    target = Target.from_environment()
    with doing("building the functions with sam build"):
        build(target)
    with doing(f"deploying the stack {target.stack_name} to {target.name}"):
        deploy(target)
    stack = Stack.of(target)
    if target.endpoint:
        stock.fill(stack)
    console.print(f"orders are placed at {stack.api_url}/orders")


@app.command("trigger")
def _trigger(name: Annotated[str, typer.Argument(help=" | ".join(triggers.TRIGGERS))]) -> None:
    """Place an order, follow it to its end, and check that the end is the promised one."""
    if name not in triggers.TRIGGERS:
        raise ProblemError(f"there is no trigger {name}: choose one of {', '.join(triggers.TRIGGERS)}")
    timeline.show_record(triggers.pull(name, Stack.of(Target.from_environment())))


@app.command("trace")
def _trace(order_id: OrderId) -> None:
    """Print an order's timeline and record."""
    record = api.get(Stack.of(Target.from_environment()), order_id)
    timeline.draw(record)
    timeline.show_record(record)


@app.command("stock")
def _stock(*, fill: Annotated[bool, typer.Option(help="Put the demo's pieces there first.")] = False) -> None:
    """Print what lies on the shelves."""
    stack = Stack.of(Target.from_environment())
    if fill:
        stock.fill(stack)
    stock.show(stack)


@app.command("logs")
def _logs(order_id: Annotated[str | None, typer.Argument(help="Only the lines of this order.")] = None) -> None:
    """Print what the functions logged."""
    logs.show(Stack.of(Target.from_environment()), order_id)


def main() -> None:
    """Run a command; what a person can mend is told in a line or two, without a traceback."""
    try:
        app()
    except ProblemError as problem:
        console.print(f"[red]✘[/] {problem}", markup=True, soft_wrap=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
