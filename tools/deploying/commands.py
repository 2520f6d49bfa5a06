"""The commands that build, deploy and delete the stack. Each imports what it uses when it runs."""

from typing import Annotated

import typer

from tools.base.console import console, doing
from tools.base.stack import Stack
from tools.base.target import Target

app = typer.Typer()


@app.command("build")
def _build() -> None:
    """Build the functions."""
    from tools.deploying.build import build

    with doing("building the functions with sam build"):
        build(Target.from_environment())


@app.command("configure-sam", hidden=True)
def _configure_sam() -> None:
    """Write the files that samconfig.toml names for plain sam and samlocal."""
    from tools.deploying import plain_sam

    plain_sam.write(Target.from_environment())


@app.command("deploy")
def _deploy(
    parameters: Annotated[str, typer.Option(help="Values of the template's parameters: 'DeadlineSeconds=600'.")] = "",
) -> None:
    """Build and deploy the stack, and seed it if it is a local one."""
    from tools.deploying import last_release
    from tools.deploying.build import build
    from tools.deploying.deploy import deploy
    from tools.deploying.parameters import read, values
    from tools.shop.seed import seed

    target = Target.to_write("deploys")
    asked = read(parameters)
    # Where nothing answers, nobody is logged in or a value is wrong, this fails at once, in one line.
    chosen = values(target, asked)
    last_release.check(target, chosen)
    with doing("building the functions with sam build"):
        build(target, **chosen)
    with doing(f"deploying the stack {target.stack_name} to {target.name}"):
        deploy(target, **asked)
    stack = Stack.of(target)
    if target.endpoint:
        seed(stack)
    console.print(f"the API is at {stack.api_url}", soft_wrap=True)


@app.command("parameters")
def _parameters() -> None:
    """Show the parameters that are in force, beside the template's defaults."""
    from tools.deploying.in_force import show

    show(Stack.of(Target.from_environment()))


@app.command("sync")
def _sync() -> None:
    """Deploy to AWS, and each change of the code again within seconds, until Ctrl-C."""
    from tools.deploying.sync import sync

    sync(Target.from_environment())


@app.command("destroy")
def _destroy() -> None:
    """Delete the stack, with all its orders."""
    from tools.deploying import tear_down as teardown

    target = Target.from_environment()
    teardown.take_down(target, target.confirmed)
