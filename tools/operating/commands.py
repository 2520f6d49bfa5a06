"""The commands that look after a deployed stack. Each imports what it uses when it runs."""

from typing import TYPE_CHECKING, Annotated

import typer

from tools.base.command import STOPPED
from tools.base.console import console, counting, styled
from tools.base.problem import ProblemError
from tools.base.stack import Stack
from tools.base.target import Target
from tools.operating.watch import LONGEST

if TYPE_CHECKING:
    from saga.marks import Act

app = typer.Typer()
LettersOf = Annotated[str | None, typer.Option(help="Only those of this function, by its name in the template.")]
LettersWhy = Annotated[str | None, typer.Option(help="Only those in whose reason this text is.")]
LettersEvent = Annotated[
    str | None, typer.Option(help="Only those with this event; `unreadable` for no known envelope.")
]
OrderId = Annotated[str, typer.Argument(help="Its id, as the API gave it.")]


@app.command("orders")
def _orders(
    *,
    status: Annotated[str | None, typer.Option(help="Only those of this status.")] = None,
    minutes: Annotated[int, typer.Option(min=1, help="How far back the recent ones reach.")] = 60,
    as_json: Annotated[bool, typer.Option("--json", help="The lists as one JSON document.")] = False,
) -> None:
    """List the orders in flight, oldest first, and the recent ones by status."""
    from tools.operating.orders import tables
    from tools.operating.orders.reading import Reader

    found = Reader(Stack.of(Target.from_environment())).orders(minutes, status)
    if as_json:
        console.write(found.json_text())
    else:
        tables.show(found)


@app.command("trace")
def _trace(
    order_id: OrderId,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="The whole story as one JSON document.")] = False,
    watch: Annotated[bool, typer.Option(help="Follow it until it has ended.")] = False,
) -> None:
    """Show the story of an order."""
    from tools.base.events import NOUN
    from tools.operating.story import live
    from tools.operating.story.printing import tell
    from tools.operating.story.sources import Sources

    sources = Sources(Stack.of(Target.from_environment()), order_id)
    try:
        story = live.follow(sources, silent=as_json) if watch else sources.story()
    except KeyboardInterrupt:
        raise typer.Exit(STOPPED) from None
    if as_json:
        console.write(story.json_text())
    else:
        tell(story, sources)
    if watch and not story.terminal:
        if as_json:
            raise typer.Exit(1)
        raise ProblemError(f"{NOUN} {order_id} is still {story.status} after {live.PATIENCE} s")


@app.command("logs")
def _logs(order_id: Annotated[str | None, typer.Argument(help="Only the lines of this id.")] = None) -> None:
    """Print what the functions logged."""
    from tools.operating import logs

    logs.show(Stack.of(Target.from_environment()), order_id)


@app.command("watch")
def _watch(
    events: Annotated[str, typer.Option("--event", help="Only these events, separated by commas.")] = "",
    order_id: Annotated[str | None, typer.Option("--order", help="Only the events of this id.")] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="A line of JSON each, whole, for `jq`.")] = False,
    count: Annotated[int | None, typer.Option(min=1, help="End after so many events.")] = None,
    seconds: Annotated[int | None, typer.Option(min=1, max=LONGEST.seconds, help="End after this time.")] = None,
) -> None:
    """Print each event as it passes over the bus.

    On AWS it costs about 3 SQS requests a minute while nothing passes, and 2 for each 1 to 10 events that pass.
    """
    from tools.operating.watch.pattern import pattern_of
    from tools.operating.watch.tail import tail

    pattern = pattern_of(events, order_id)
    tail(
        Stack.of(Target.to_write("makes a rule and a queue beside")),
        pattern,
        as_json=as_json,
        count=count,
        seconds=seconds,
    )


@app.command("dlq")
def _dlq(
    order_id: Annotated[str | None, typer.Argument(help="Only what concerns this id.")] = None,
    *,
    function: LettersOf = None,
    why: LettersWhy = None,
    event: LettersEvent = None,
    as_json: Annotated[bool, typer.Option("--json", help="The groups as one JSON document.")] = False,
) -> None:
    """List the dead letters by cause."""
    from tools.operating import letter_printing
    from tools.operating.dead_letters import DeadLetterQueue, Selection
    from tools.operating.letter_groups import DeadLetters

    stack = Stack.of(Target.from_environment())
    with counting("reading the dead letters") as progress:
        letters = DeadLetterQueue(stack, progress).letters(Selection(order_id, function, why, event))
    if as_json:
        console.write(DeadLetters.of(letters).json_text())
    else:
        letter_printing.show_by_cause(letters)


@app.command("redrive")
def _redrive(
    order_id: Annotated[str | None, typer.Argument(help="Only what concerns this id.")] = None,
    *,
    function: LettersOf = None,
    why: LettersWhy = None,
    event: LettersEvent = None,
    dry_run: Annotated[bool, typer.Option(help="Only show what would be done.")] = False,
) -> None:
    """Redrive the dead letters: publish their events again."""
    from tools.operating import letter_printing
    from tools.operating.dead_letters import DeadLetterQueue, Fate, Selection

    target = Target.from_environment() if dry_run else Target.to_write("publishes dead letters again on")
    with counting("reading the dead letters, then redriving them") as progress:
        fates = DeadLetterQueue(Stack.of(target), progress).redrive(
            Selection(order_id, function, why, event), dry_run=dry_run
        )
    would = "would be " if dry_run else ""
    letter_printing.show_by_cause(
        [letter for letter, _ in fates], {letter.receipt: f"{would}{fate}" for letter, fate in fates}
    )
    if refused := sum(fate is Fate.REFUSED for _, fate in fates):
        raise ProblemError(f"EventBridge refused {refused} events: redrive them later")


@app.command("purge")
def _purge(
    order_id: Annotated[str | None, typer.Argument(help="Only what concerns this id.")] = None,
    *,
    function: LettersOf = None,
    why: LettersWhy = None,
    event: LettersEvent = None,
    dry_run: Annotated[bool, typer.Option(help="Only show what would be deleted.")] = False,
) -> None:
    """Delete dead letters, for good."""
    from tools.operating import letter_printing
    from tools.operating.dead_letters import DeadLetterQueue, Selection

    target = Target.from_environment() if dry_run else Target.to_write("deletes dead letters of")
    with counting("reading the dead letters, then deleting them") as progress:
        letters = DeadLetterQueue(Stack.of(target), progress).purge(
            Selection(order_id, function, why, event), dry_run=dry_run
        )
    letter_printing.show_by_cause(
        letters, dict.fromkeys((letter.receipt for letter in letters), "would be deleted" if dry_run else "deleted")
    )


@app.command("replay")
def _replay(
    start: Annotated[str, typer.Option("--from", help="The time of the first event, as in 2026-01-31T09:00:00Z.")],
    end: Annotated[str, typer.Option("--to", help="The time of the last event, as in 2026-01-31T10:00:00Z.")],
) -> None:
    """Replay the bus's archive between two times, ISO 8601."""
    from tools.operating import replay

    stack = Stack.of(Target.to_write("replays events on"))
    console.print(f"the replay is {replay.replay(stack, replay.time_of(start), replay.time_of(end))}")


@app.command("recover")
def _recover(order_id: Annotated[str | None, typer.Argument(help="One order alone.")] = None) -> None:
    """Publish the current event of each stuck order now, due or not."""
    from tools.base.events import NOUN
    from tools.operating import recovery

    said = recovery.run(Stack.of(Target.to_write("runs recovery on")), order_id)
    console.print(f"recovered {said.recovered} {NOUN}s")
    if said.oldest_seconds:
        console.print(f"the oldest {NOUN} in flight is {said.oldest_seconds:g} s old")
    if said.postponed:
        console.print(f"{said.postponed} more are stuck, above the ceiling: recovery goes on by itself, every minute")
    if not said.complete:
        raise ProblemError("some could not be read or published: `make logs` says why; recovery tries again by itself")
    if order_id and not said.recovered:
        raise ProblemError(f"there is no {NOUN} {order_id} in flight")


@app.command("drained")
def _drained(
    event: Annotated[str, typer.Option(help="The event, by its name.")],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> None:
    """Say who can still bring an event; exit with 1 if an order in flight or a dead letter can."""
    from tools.operating import drained

    found = drained.look(Stack.of(Target.from_environment()), event)
    if as_json:
        console.write(found.json_text())
    else:
        drained.show(found)
    if not found.is_drained:
        raise typer.Exit(1)


ToWhich = Annotated[str | None, typer.Argument(help="Its id; without one, all with STATUS and OLDER.")]
AtStatus = Annotated[str | None, typer.Option(help="All in flight of this status.")]
OlderThan = Annotated[str, typer.Option(help="Only those that are older, as in 15m.")]
ForGood = Annotated[bool, typer.Option(help="Do it to all of them; without this they are only listed.")]


@app.command("give-up")
def _give_up(
    why: Annotated[str, typer.Option(help="Why you do it: it stands in the record.")],
    order_id: ToWhich = None,
    *,
    status: AtStatus = None,
    older: OlderThan = "0s",
    go: ForGood = False,
) -> None:
    """Give up orders before they are charged: whatever was done for them is undone."""
    from saga.marks import Act

    _intervene(Act.STOP, why, order_id, status, older, go=go)


@app.command("hold")
def _hold(
    why: Annotated[str, typer.Option(help="Why you do it: it stands in the record.")],
    order_id: ToWhich = None,
    *,
    status: AtStatus = None,
    older: OlderThan = "0s",
    go: ForGood = False,
) -> None:
    """Hold orders where they are, until they are released."""
    from saga.marks import Act

    _intervene(Act.HOLD, why, order_id, status, older, go=go)


@app.command("release")
def _release(
    order_id: ToWhich = None,
    *,
    why: Annotated[str, typer.Option(help="Why you do it: it stands in the record.")] = "",
    status: AtStatus = None,
    older: OlderThan = "0s",
    go: ForGood = False,
) -> None:
    """Release orders that are held: they go on at once."""
    from saga.marks import Act

    _intervene(Act.RELEASE, why, order_id, status, older, go=go)


def _intervene(act: "Act", why: str, order_id: str | None, status: str | None, older: str, *, go: bool) -> None:  # noqa: PLR0913
    """Do it to one order, or to many; to many after a dry run only. Raises `ProblemError` if any was refused."""
    from tools.base.events import NOUN
    from tools.operating.interventions import Operator, duration

    if (order_id is None) == (status is None):
        raise ProblemError("say which: ORDER=… for one, or STATUS=… OLDER=15m for many")
    only_tell = order_id is None and not go
    target = Target.from_environment() if only_tell else Target.to_write(f"marks {NOUN}s as {act} on")
    operator = Operator(Stack.of(target))
    keys = [order_id] if order_id else operator.those(act, str(status), duration(older))
    if only_tell:
        for key in keys:
            console.print(f"{key} would be {act}", soft_wrap=True)
        console.print(f"{len(keys):,} {NOUN}s would be {act}: add GO=yes to do it", soft_wrap=True)
        return
    with counting(f"{act} {NOUN}s") as progress:
        outcomes = operator.intervene(act, why, keys, progress)
    for outcome in outcomes:
        done = "[green]✔[/] {} is {}: {}" if outcome.done else "[red]✘[/] {} is not {}: {}"
        console.print(styled(done, outcome.order_id, act, outcome.said), soft_wrap=True)
    if refused := sum(not outcome.done for outcome in outcomes):
        raise ProblemError(f"{refused} of {len(outcomes)} {NOUN}s could not be {act}")
