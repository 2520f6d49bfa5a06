"""The command line behind `make outage`: `python -m tests.simulation.shop.outage`."""

import gc
import json
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from tests import conftest as _conftest  # noqa: F401  the functions' environment, before they are imported
from tests.simulation.shop.outage import earlier, page, pictures
from tests.simulation.shop.outage.figures import BOUNDS, Seen, broken
from tests.simulation.shop.outage.outage import Outage, Plan
from tests.simulation.shop.outage.providers import Kind
from tools.base import command
from tools.base.console import console, styled
from tools.base.problem import ProblemError
from tools.base.root import ROOT

ALL = "all"
TRIED = ROOT / ".local" / "outage"
"""Where pictures go that are not for docs/."""
RARELY = 200_000


def run(  # noqa: PLR0913  the options of the command
    rate: Annotated[float, typer.Option(min=0.1, max=100)] = 10,
    minutes: Annotated[float, typer.Option(min=1, max=360)] = 60,
    kind: str = Kind.HANG,
    before: str = "",
    into: Path | None = None,
    *,
    write: bool = False,
) -> None:
    """Let the payment provider be away, print what was seen, and draw it."""
    kinds = list(Kind) if kind == ALL else [each for each in Kind if each == kind]
    if not kinds:
        raise ProblemError(f"KIND cannot be {kind!r}: it is one of {', '.join(Kind)}, or {ALL}")
    seen: dict[Kind, page.Sides] = {}
    for each in kinds:
        sides: page.Sides = {"before": earlier.run(before, each, rate, minutes)} if before else {}
        sides["after"] = here(each, rate, minutes)
        seen[each] = sides
        if into:
            into.write_text(json.dumps(sides["after"].as_json()))
            return
        _show(each, with_the_kept(each, sides))
    if write:
        page.write(seen)
        console.print(f"wrote {page.PAGE.relative_to(ROOT)}")
    found = [f"{each}: {what}" for each, sides in seen.items() for what in broken(each, sides["after"].figures)]
    if found:
        raise ProblemError(f"{len(found)} bounds do not hold: {'; '.join(found)}")


def here(kind: Kind, rate: float, minutes: float) -> Seen:
    """Run one outage with the code as it is, and show how far it is."""
    outage = Outage(Plan(kind, rate, minutes))
    gc.freeze()
    gc.set_threshold(RARELY)
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[now]}"), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        # What is still waiting at its end takes about a quarter of an hour.
        task = progress.add_task(f"KIND={kind}", total=outage.plan.ended / 60 + 15, now="")

        def show(outage: Outage) -> None:
            now = f"{len(outage.in_flight):,} orders in flight, {len(outage.service.dead_letters):,} dead letters"
            progress.update(task, completed=outage.seconds / 60, now=f"minute {outage.seconds / 60:.0f}, {now}")

        outage.run(show)
        progress.update(task, completed=outage.plan.ended / 60 + 15)
    return Seen.of(outage)


def with_the_kept(kind: Kind, sides: page.Sides) -> page.Sides:
    """Add what an earlier commit did in the same outage, if the page has it."""
    before = page.kept().get(kind, {}).get("before")
    figures = sides["after"].figures
    alike = before and (before.figures.rate, before.figures.minutes) == (figures.rate, figures.minutes)
    return {"before": before, **sides} if before and alike else sides


def _show(kind: Kind, sides: page.Sides) -> None:
    columns = sorted(sides, reverse=True)
    figures = sides["after"].figures
    table = Table(
        "", "bound", *columns, "", title=f"KIND={kind}, {figures.rate:g} orders a second, {figures.minutes:g} minutes"
    )
    for bound in BOUNDS:
        bounded = kind in bound.kinds
        sign = styled("[green]✔[/]" if bound.holds(figures) else "[red]✘[/]") if bounded else ""
        found = [bound.found(sides[column].figures) for column in columns]
        table.add_row(bound.what, bound.wanted(figures) if bounded else "-", *found, sign)
    console.print(table)
    picture = TRIED / f"outages-{kind}.svg"
    pictures.draw(picture, kind, {column: sides[column] for column in columns})
    console.print(f"over time: {picture.relative_to(ROOT)}")


def main() -> None:
    """Run; what goes wrong is one line, without a traceback."""
    command.run(partial(typer.run, run))


if __name__ == "__main__":
    main()
