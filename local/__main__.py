"""The command line behind the Makefile: `python -m local COMMAND`."""

import sys
from collections.abc import Sequence
from typing import Annotated

import typer
from rich.markup import escape

from local import api, demo, logs, poison, recovery, replay, stock, timeline, triggers
from local.build import build
from local.console import console, doing
from local.dead_letters import DeadLetter, DeadLetterQueue
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
    console.print(f"orders are placed at {stack.api_url}/orders", soft_wrap=True)


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


@app.command("poison")
def _poison() -> None:
    """Send a malformed event, and show it arrive in the dead-letter queue."""
    _show_letters([(poison.send(Stack.of(Target.from_environment())), "")])


@app.command("dlq")
def _dlq() -> None:
    """List what lies in the dead-letter queue."""
    letters = DeadLetterQueue(Stack.of(Target.from_environment())).letters()
    _show_letters([(letter, "") for letter in letters])


@app.command("redrive")
def _redrive(
    order_id: Annotated[str | None, typer.Argument(help="Only what concerns this order.")] = None,
    *,
    dry_run: Annotated[bool, typer.Option(help="Only tell what would be done.")] = False,
) -> None:
    """Send what lies in the dead-letter queue on its way again."""
    fates = DeadLetterQueue(Stack.of(Target.from_environment())).redrive(order_id, dry_run=dry_run)
    _show_letters([(letter, f"would be {fate}" if dry_run else fate) for letter, fate in fates])


@app.command("replay")
def _replay(start: str, end: str) -> None:
    """Replay the bus's archive between two times, ISO 8601."""
    stack = Stack.of(Target.from_environment())
    console.print(f"the replay is {replay.replay(stack, replay.time_of(start), replay.time_of(end))}")


@app.command("recover")
def _recover() -> None:
    """Run recovery now."""
    said = recovery.run(Stack.of(Target.from_environment()))
    rest = "" if said["complete"] else "; there was not enough time for all, the next run goes on"
    console.print(
        f"published {said['published']} events again; the oldest order in flight is {said['oldestSeconds']} s old{rest}"
    )


def _show_letters(letters: Sequence[tuple[DeadLetter, str]]) -> None:
    if not letters:
        console.print("there are no dead letters")
    for letter, fate in letters:
        console.print(f"[bold]{escape(letter.detail_type)}[/] of order {letter.order_id or 'unknown'}")
        console.print(f"  came by {letter.way}, function {letter.function or 'unknown'}", soft_wrap=True)
        console.print(f"  because [red]{escape(letter.reason)}[/]", soft_wrap=True)
        if fate:
            console.print(f"  → {fate}", soft_wrap=True)


def main() -> None:
    """Run a command; what a person can mend is told in a line or two, without a traceback."""
    try:
        app()
    except ProblemError as problem:
        console.print(f"[red]✘[/] {escape(str(problem))}", soft_wrap=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
