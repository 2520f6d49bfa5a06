"""The demo: everything from nothing to three finished orders."""

from local import stock, triggers
from local.backends.starting import up
from local.build import build
from local.console import console, doing
from local.deploy import deploy
from local.stack import Stack
from local.target import Target
from local.timeline import show_record


def run(target: Target) -> None:
    """Bring the stack up, run three orders through it, and print their final records."""
    if target.endpoint:
        up(target)
    with doing("building the functions with sam build"):
        build(target)
    with doing(f"deploying the stack {target.stack_name} to {target.name}"):
        deploy(target)
    stack = Stack.of(target)
    with doing("stocking the shelves"):
        stock.fill(stack)
    records = {name: triggers.pull(name, stack) for name in ("happy", "out-of-stock", "decline")}
    console.rule("[bold]the three final records", align="left")
    for name, record in records.items():
        console.print(f"[bold]{name}[/]")
        show_record(record)
