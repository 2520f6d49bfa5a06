"""The command line behind `make bench`: `python -m bench`."""

from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from typing import Annotated

import typer
from rich.table import Table

from bench import backlog, calls, cold_start, growth, newcomer, orchestration, pictures, report, warm_step, whole_order
from bench.ground import Grounds
from bench.machine import description
from bench.section import Scale, Section
from tools.base import command
from tools.base.console import console, styled
from tools.base.problem import ProblemError
from tools.base.target import ROOT

MEASUREMENTS: dict[str, Callable[[Scale, Grounds], Section]] = {
    "calls": calls.measure,
    "orchestration": orchestration.measure,
    "cold": cold_start.measure,
    "warm": warm_step.measure,
    "order": whole_order.measure,
    "growth": growth.measure,
    "backlog": backlog.measure,
    "newcomer": newcomer.measure,
}
PAGE = ROOT / "docs" / "benchmarks.md"
TRIED = ROOT / ".local" / "bench" / "benchmarks.md"
"""Where the page goes when not all was measured: the one in docs/ is of whole runs."""


def run(
    only: Annotated[str, typer.Option(help=f"Some measurements: {','.join(MEASUREMENTS)}.")] = "",
    *,
    quick: Annotated[bool, typer.Option(help="Just enough to see that it works.")] = False,
) -> None:
    """Measure, and write the report."""
    names = only.split(",") if only else list(MEASUREMENTS)
    unknown = set(names) - set(MEASUREMENTS)
    if unknown:
        raise ProblemError(f"there is no measurement {', '.join(unknown)}: choose among {', '.join(MEASUREMENTS)}")
    machine, scale = description(), Scale(quick=quick)
    with ExitStack() as opened:
        grounds = Grounds(opened)
        sections = [MEASUREMENTS[name](scale, grounds) for name in names]
    page = TRIED if quick or only else PAGE
    report.write(page, sections, machine, pictures.draw(page.parent, sections))
    _show_goals(sections)
    console.print(f"all of it: {page.relative_to(ROOT)}")


def _show_goals(sections: list[Section]) -> None:
    table = Table("goal", "wanted", "found", "", title="goals")
    for goal in (goal for section in sections for goal in section.goals):
        table.add_row(goal.what, goal.wanted, goal.found, styled("[green]✔[/]" if goal.met else "[red]✘[/]"))
    console.print(table)


def main() -> None:
    """Measure; what goes wrong is one line, without a traceback."""
    command.run(partial(typer.run, run))


if __name__ == "__main__":
    main()
