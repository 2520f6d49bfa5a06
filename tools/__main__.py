"""The command line behind the Makefile: `python -m tools COMMAND`.

Each command imports what it needs when it runs: all of it together takes longer than most commands do.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from tools.base import command
from tools.base.console import console, doing
from tools.base.problem import ProblemError
from tools.operating.watch import LONGEST

if TYPE_CHECKING:
    from tools.operating.dead_letters import DeadLetter

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)

STOPPED = 130
"""The exit status of a command that was stopped with Ctrl-C, as shells have it."""
OrderId = Annotated[str, typer.Argument(help="The order's id, as POST /orders gave it.")]


@app.command("demo")
def _demo() -> None:
    """Bring everything up and run three orders through it."""
    from tools.base.target import Target
    from tools.shop import demo

    demo.run(Target.from_environment())


@app.command("up")
def _up() -> None:
    """Start the backend: the embedded emulator, or another one in a container."""
    from tools.base.target import Target
    from tools.emulator import backends as starting

    starting.up(Target.from_environment())


@app.command("down")
def _down() -> None:
    """Stop the backend."""
    from tools.base.target import Target
    from tools.emulator import backends as starting

    starting.down(Target.from_environment())


@app.command("build")
def _build() -> None:
    """Build the functions."""
    from tools.base.target import Target
    from tools.deploying.build import build

    with doing("building the functions with sam build"):
        build(Target.from_environment())


@app.command("deploy")
def _deploy() -> None:
    """Build and deploy the stack, and fill its shelves if it is a local one."""
    from tools.base.stack import Stack
    from tools.base.target import Target
    from tools.deploying.build import build
    from tools.deploying.deploy import deploy
    from tools.shop import stock

    target = Target.from_environment()
    with doing("building the functions with sam build"):
        build(target)
    with doing(f"deploying the stack {target.stack_name} to {target.name}"):
        deploy(target)
    stack = Stack.of(target)
    if target.endpoint:
        stock.fill(stack)
    console.print(f"orders are placed at {stack.api_url}/orders", soft_wrap=True)


@app.command("sync")
def _sync() -> None:
    """Deploy to AWS, and each change of the code again within seconds, until Ctrl-C."""
    from tools.base.target import Target
    from tools.deploying.sync import sync

    sync(Target.from_environment())


@app.command("destroy")
def _destroy(confirm: Annotated[str, typer.Option(help="The stack's name, if you mean it.")] = "") -> None:
    """Delete the stack, with all its orders."""
    from tools.base.target import Target
    from tools.deploying import tear_down as teardown

    teardown.take_down(Target.from_environment(), confirm)


@app.command("trigger")
def _trigger(name: Annotated[str, typer.Argument(help="Its name, as in `make trigger-happy`.")]) -> None:
    """Place an order, follow it to its end, and check that the end is the promised one."""
    from tools.base.stack import Stack
    from tools.base.target import Target
    from tools.operating import timeline
    from tools.shop import triggers

    if name not in triggers.TRIGGERS:
        raise ProblemError(f"there is no trigger {name}: choose one of {', '.join(triggers.TRIGGERS)}")
    timeline.show_record(triggers.pull(name, Stack.of(Target.from_environment())))


@app.command("order")
def _order(customer: str = "CUST-1", sku: str = "BOOK", quantity: int = 1, amount: int = 4200) -> None:
    """Place an order of your own, and follow it to its end; the amount is in cents."""
    from tools.base.stack import Stack
    from tools.base.target import Target
    from tools.operating import timeline
    from tools.shop import triggers

    order = {"customerId": customer, "sku": sku, "quantity": quantity, "amount": amount, "currency": "USD"}
    timeline.show_record(triggers.place(order, Stack.of(Target.from_environment())))


@app.command("trace")
def _trace(
    order_id: OrderId,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="The whole story as one JSON document.")] = False,
    watch: Annotated[bool, typer.Option(help="Follow it until the order has ended.")] = False,
) -> None:
    """Tell the story of an order."""
    from tools.base.stack import Stack
    from tools.base.target import Target
    from tools.operating.story import live
    from tools.operating.story.sources import Sources
    from tools.operating.story.telling import tell

    sources = Sources(Stack.of(Target.from_environment()), order_id)
    try:
        story = live.follow(sources, silent=as_json) if watch else sources.story()
    except KeyboardInterrupt:
        raise typer.Exit(STOPPED) from None
    if as_json:
        print(story.json_text())
    else:
        tell(story, sources)
    if watch and not story.terminal:
        if as_json:
            raise typer.Exit(1)
        raise ProblemError(f"order {order_id} is still {story.status} after {live.PATIENCE} s")


@app.command("flow")
def _flow(event: Annotated[str | None, typer.Argument(help="Only what happens after this event.")] = None) -> None:
    """Draw the choreography as a tree, or tell what happens after one event."""
    from tools.project.choreography import tree
    from tools.project.choreography.flow import Flow

    choreography = Flow.of_this_project()
    if event is None:
        console.print(tree.draw(choreography))
        return
    if event not in choreography.events:
        raise ProblemError(f"there is no event {event}: choose one of {', '.join(choreography.events)}")
    console.print(tree.explain(choreography, event))


@app.command("orders")
def _orders(
    *,
    status: Annotated[str | None, typer.Option(help="Only orders that stand there, as in PAYMENT_CHARGED.")] = None,
    minutes: Annotated[int, typer.Option(min=1, help="How far back the recent orders reach.")] = 60,
    as_json: Annotated[bool, typer.Option("--json", help="The lists as one JSON document.")] = False,
) -> None:
    """List the orders in flight, oldest first, and the recent ones by status."""
    from tools.base.stack import Stack
    from tools.base.target import Target
    from tools.operating.orders import drawing
    from tools.operating.orders.reading import Reader

    found = Reader(Stack.of(Target.from_environment())).orders(minutes, status)
    if as_json:
        print(found.json_text())
    else:
        drawing.show(found)


@app.command("invoke")
def _invoke(
    function: Annotated[str | None, typer.Option(help="Its name in the template; follows from the event.")] = None,
    event: Annotated[str | None, typer.Option(help="A file, or an event that there is a sample of.")] = None,
    *,
    remote: Annotated[bool, typer.Option(help="Run the deployed function, not a container.")] = False,
    prepare: Annotated[bool, typer.Option(help="On AWS: put the event's order there if it is not.")] = False,
    anew: Annotated[bool, typer.Option(help="Put the event's order back to where it stood.")] = False,
) -> None:
    """Run one function with one event, in its real container or where it is deployed, and tell what it did."""
    from tools.base.stack import Stack
    from tools.base.target import Target
    from tools.invoking import running, telling
    from tools.invoking.samples import choose
    from tools.project.choreography.flow import Flow

    target = Target.from_environment()
    call = choose(Flow.of_this_project(), function, event)
    allowed = telling.may_prepare(target, asked=prepare, anew=anew)
    if not remote:
        running.require_emulator(target)
    stack = Stack.of(target)
    try:
        with (running.deployed if remote else running.in_container)(stack, call.function) as run:
            telling.invoke(stack, call, run, prepare=allowed, anew=anew)
    except KeyboardInterrupt:
        raise typer.Exit(STOPPED) from None


@app.command("start-api")
def _start_api(*, port: Annotated[int, typer.Option(help="Where it is served.")] = 3000) -> None:
    """Serve the HTTP API from containers of this machine, on the emulator's stack, until Ctrl-C."""
    from tools.base.stack import Stack
    from tools.base.target import Target
    from tools.invoking import running, serving
    from tools.project.choreography.flow import Flow

    target = Target.from_environment()
    running.require_emulator(target)
    serving.serve(Stack.of(target), port, Flow.of_this_project())


@app.command("generate")
def _generate() -> None:
    """Make anew what is made from the code: the picture in the README, docs/flow.html, schemas/."""
    from tools.base.target import ROOT
    from tools.project import generate as generated
    from tools.project.choreography.flow import Flow

    changed = generated.write(Flow.of_this_project())
    for path in changed:
        console.print(f"wrote {path.relative_to(ROOT)}" if path.is_file() else f"removed {path.relative_to(ROOT)}")
    if not changed:
        console.print("everything was up to date")


@app.command("check")
def _check(base: Annotated[str | None, typer.Option(help="What to compare the contracts with.")] = None) -> None:
    """Check that the choreography agrees with itself, with what is generated from it, and with its consumers."""
    from tools.base.target import ROOT
    from tools.project import alarms
    from tools.project import generate as generated
    from tools.project.choreography import drift
    from tools.project.choreography.flow import TEMPLATE, Flow
    from tools.project.contracts import compatibility

    choreography = Flow.of_this_project()
    drift.check(choreography)
    alarms.check((ROOT / TEMPLATE).read_text(), choreography)
    generated.check(choreography)
    compatibility.check(base)


@app.command("rename")
def _rename(name: str) -> None:
    """Give this project another name, everywhere."""
    from tools.project.rename import rename

    old, files = rename(name)
    console.print(f"{old} is {name} now, in {files} files")


@app.command("cost")
def _cost() -> None:
    """Print what a million orders cost on AWS."""
    from tools.shop import cost

    console.print(cost.table())


@app.command("stock")
def _stock(*, fill: Annotated[bool, typer.Option(help="Put the demo's pieces there first.")] = False) -> None:
    """Print what lies on the shelves."""
    from tools.base.stack import Stack
    from tools.base.target import Target
    from tools.shop import stock

    stack = Stack.of(Target.from_environment())
    if fill:
        stock.fill(stack)
    stock.show(stack)


@app.command("logs")
def _logs(order_id: Annotated[str | None, typer.Argument(help="Only the lines of this order.")] = None) -> None:
    """Print what the functions logged."""
    from tools.base.stack import Stack
    from tools.base.target import Target
    from tools.operating import logs

    logs.show(Stack.of(Target.from_environment()), order_id)


@app.command("watch")
def _watch(
    events: Annotated[str, typer.Option("--event", help="Only these events, separated by commas.")] = "",
    order_id: Annotated[str | None, typer.Option("--order", help="Only the events of this order.")] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="A line of JSON each, whole, for `jq`.")] = False,
    count: Annotated[int | None, typer.Option(min=1, help="End after so many events.")] = None,
    seconds: Annotated[int | None, typer.Option(min=1, max=LONGEST.seconds, help="End after this time.")] = None,
) -> None:
    """Print each event as it passes over the bus.

    On AWS it costs about 3 SQS requests a minute while nothing passes, and 2 for each 1 to 10 events that pass.
    """
    from tools.base.stack import Stack
    from tools.base.target import Target
    from tools.operating.watch.pattern import pattern_of
    from tools.operating.watch.tail import tail

    pattern = pattern_of(events, order_id)
    tail(Stack.of(Target.from_environment()), pattern, as_json=as_json, count=count, seconds=seconds)


@app.command("poison")
def _poison() -> None:
    """Send a malformed event, and show it arrive in the dead-letter queue."""
    from tools.base.stack import Stack
    from tools.base.target import Target
    from tools.shop import poison

    _show_letters([(poison.send(Stack.of(Target.from_environment())), "")])


@app.command("dlq")
def _dlq() -> None:
    """List what lies in the dead-letter queue."""
    from tools.base.stack import Stack
    from tools.base.target import Target
    from tools.operating.dead_letters import DeadLetterQueue

    letters = DeadLetterQueue(Stack.of(Target.from_environment())).letters()
    _show_letters([(letter, "") for letter in letters])


@app.command("redrive")
def _redrive(
    order_id: Annotated[str | None, typer.Argument(help="Only what concerns this order.")] = None,
    *,
    dry_run: Annotated[bool, typer.Option(help="Only tell what would be done.")] = False,
) -> None:
    """Send what lies in the dead-letter queue on its way again."""
    from tools.base.stack import Stack
    from tools.base.target import Target
    from tools.operating.dead_letters import DeadLetterQueue

    fates = DeadLetterQueue(Stack.of(Target.from_environment())).redrive(order_id, dry_run=dry_run)
    _show_letters([(letter, f"would be {fate}" if dry_run else fate) for letter, fate in fates])


@app.command("replay")
def _replay(start: str, end: str) -> None:
    """Replay the bus's archive between two times, ISO 8601."""
    from tools.base.stack import Stack
    from tools.base.target import Target
    from tools.operating import replay

    stack = Stack.of(Target.from_environment())
    console.print(f"the replay is {replay.replay(stack, replay.time_of(start), replay.time_of(end))}")


@app.command("recover")
def _recover() -> None:
    """Run recovery now."""
    from tools.base.stack import Stack
    from tools.base.target import Target
    from tools.operating import recovery

    said = recovery.run(Stack.of(Target.from_environment()))
    rest = "" if said["complete"] else "; there was not enough time for all, the next run goes on"
    console.print(
        f"published {said['published']} events again; the oldest order in flight is {said['oldestSeconds']} s old{rest}"
    )


def _show_letters(letters: Sequence[tuple["DeadLetter", str]]) -> None:
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
    command.run(app)


if __name__ == "__main__":
    main()
