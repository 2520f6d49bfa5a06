"""The demo: everything from nothing to three finished sagas."""

from contextlib import nullcontext

from tools.base import settings
from tools.base.console import console, doing, styled
from tools.base.stack import Stack
from tools.base.target import Target
from tools.deploying.build import build
from tools.deploying.deploy import deploy
from tools.emulator.backends import adapter
from tools.operating.timeline import show_record
from tools.shop import triggers
from tools.shop.seed import seed
from tools.shop.ways import DEMO


def run(target: Target) -> None:
    """Bring the stack up, run three sagas through it, and print their final records."""
    with adapter(target).running() if target.endpoint else nullcontext():
        _deploy_and_order(target)


def _deploy_and_order(target: Target) -> None:
    with doing("building the functions with sam build"):
        build(target)
    with doing(f"deploying the stack {target.stack_name} to {target.name}"):
        deploy(target)
    stack = Stack.of(target)
    with doing("seeding the stack"):
        seed(stack)
    records = {name: triggers.pull(name, stack) for name in DEMO}
    console.rule(styled("[bold]the three final records[/]"), align="left")
    for name, record in records.items():
        console.print(styled("[bold]{}[/]", name))
        show_record(record)
    place = settings.current().typed_place
    console.print(styled("[bold]to see it live, and break it:[/] make console{}", place), soft_wrap=True)
