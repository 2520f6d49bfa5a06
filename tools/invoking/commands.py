"""The commands that run single functions. Each imports what it uses when it runs."""

from typing import Annotated

import typer

from tools.base.command import STOPPED
from tools.base.stack import Stack
from tools.base.target import Target

app = typer.Typer()


Function = Annotated[str | None, typer.Option(help="Its name in the template; follows from the event.")]
Event = Annotated[str | None, typer.Option(help="A file, or an event that there is a sample of.")]
Anew = Annotated[bool, typer.Option(help="Reset the event's record to where it was.")]


@app.command("invoke")
def _invoke(function: Function = None, event: Event = None, *, anew: Anew = False) -> None:
    """Run one function with one event in its real container, and show what it did."""
    _run(Target.from_environment(), function, event, remote=False, prepare=False, anew=anew)


@app.command("invoke-remote")
def _invoke_remote(
    function: Function = None,
    event: Event = None,
    *,
    prepare: Annotated[bool, typer.Option(help="On AWS: store the event's record if there is none.")] = False,
    anew: Anew = False,
) -> None:
    """Run one deployed function with one event, and show what it did."""
    _run(Target.to_write("runs a function of"), function, event, remote=True, prepare=prepare, anew=anew)


def _run(  # noqa: PLR0913  what both commands take
    target: Target, function: str | None, event: str | None, *, remote: bool, prepare: bool, anew: bool
) -> None:
    from tools.invoking import invocation, running
    from tools.invoking.samples import choose
    from tools.project.choreography.flow import Flow

    call = choose(Flow.of_this_project(), function, event)
    allowed = invocation.may_prepare(target, asked=prepare, anew=anew)
    if not remote:
        running.require_emulator(target)
    stack = Stack.of(target)
    try:
        with (running.deployed if remote else running.in_container)(stack, call.function) as run:
            invocation.invoke(stack, call, run, prepare=allowed, anew=anew)
    except KeyboardInterrupt:
        raise typer.Exit(STOPPED) from None


@app.command("debug")
def _debug(
    function: Annotated[str, typer.Option(help="The function's name in the template.")],
    debug_port: Annotated[int, typer.Option(help="Where it listens for the debugger.")] = 5678,
) -> None:
    """Let a function on the embedded emulator stop at breakpoints, until Ctrl-C."""
    from contextlib import ExitStack, suppress
    from signal import pause

    from tools.base.console import console, doing
    from tools.base.problem import ProblemError
    from tools.base.target import ROOT
    from tools.emulator.embedded import Emulator
    from tools.invoking.debugging import debugged
    from tools.operating.watch.tail import interrupted_once

    target = Target.from_environment()
    if not target.runs_functions_here:
        raise ProblemError(f"functions of {target.name} do not run on this machine: only the embedded emulator's do")
    stack, emulator = Stack.of(target), Emulator.of_this_checkout(target.port)
    with suppress(KeyboardInterrupt), interrupted_once(), ExitStack() as meanwhile:
        with doing(f"restarting {function} under debugpy"):
            file = meanwhile.enter_context(debugged(stack, emulator, function, debug_port))
        console.print(f"{function} listens for a debugger on 127.0.0.1:{debug_port}", soft_wrap=True)
        console.print('in VS Code: Run and Debug, "Attach to make debug"', soft_wrap=True)
        console.print(f"set a breakpoint in {file.relative_to(ROOT)}, then place an order: make order", soft_wrap=True)
        console.print("recovery is off and timeouts are 15 minutes until you press Ctrl-C", soft_wrap=True)
        pause()


@app.command("sample")
def _sample(event: Annotated[str, typer.Argument(help="A file, or an event that there is a sample of.")]) -> None:
    """Store the order of an event, and write the event as of now, for plain sam and samlocal."""
    from tools.base.console import console
    from tools.base.target import ROOT
    from tools.invoking import invocation
    from tools.invoking.samples import choose
    from tools.project.choreography.flow import Flow

    call = choose(Flow.of_this_project(), None, event)
    path = invocation.store(Stack.of(Target.to_write("stores a sample on")), call).relative_to(ROOT)
    console.print(f"now: sam local invoke {call.function} -e {path}", soft_wrap=True)
    console.print(f"or:  samlocal remote invoke {call.function} --event-file {path}", soft_wrap=True)


@app.command("start-api")
def _start_api(
    *, port: Annotated[int, typer.Option("--api-port", min=1, max=65535, help="Where it is served.")] = 3000
) -> None:
    """Serve the HTTP API from containers of this machine, on the emulator's stack, until Ctrl-C."""
    from tools.invoking import running, serving
    from tools.project.choreography.flow import Flow

    target = Target.from_environment()
    running.require_emulator(target)
    serving.serve(Stack.of(target), port, Flow.of_this_project())
