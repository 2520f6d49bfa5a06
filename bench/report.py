"""Writes the report: a page to read, and the same as plain numbers."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.section import Goal, Section, Table

INTRODUCTION = """\
# Benchmarks

What an order costs, and how fast it is, each figure beside a baseline that was measured in the same run. Made by
`make bench`; nothing here is written by hand. Milliseconds are this machine's; read the ratios. The baselines are in
[bench/](../bench): the naive chain that most tutorials show (write, publish, no guard), and the same with Powertools'
idempotency utility on every function.
"""


def write(page: Path, sections: Sequence[Section], machine: Mapping[str, str], pictures: Mapping[str, str]) -> None:
    """Write the page and, beside it, the numbers as JSON; `pictures` gives a picture's file by its section's title."""
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text("\n".join(_lines(sections, machine, pictures)) + "\n")
    page.with_suffix(".json").write_text(json.dumps(numbers(sections, machine), indent=2) + "\n")


def numbers(sections: Sequence[Section], machine: Mapping[str, str]) -> dict[str, Any]:
    """Return the figures of all sections in one object, with the machine's description."""
    figures: dict[str, Any] = {"machine": dict(machine)}
    for section in sections:
        figures |= section.figures
    return figures


def _lines(sections: Sequence[Section], machine: Mapping[str, str], pictures: Mapping[str, str]) -> Iterator[str]:
    yield INTRODUCTION
    yield "## Goals"
    yield ""
    goals = [goal for section in sections for goal in section.goals]
    yield from _table(Table(("Goal", "Wanted", "Found", "Met"), [_told(goal) for goal in goals]), numbers=False)
    yield "## The machine"
    yield ""
    yield from _table(Table(("What", "Which"), list(machine.items())), numbers=False)
    for section in sections:
        yield f"## {section.title}"
        yield ""
        yield section.about.strip()
        yield ""
        if section.title in pictures:
            yield f"![{section.title}]({pictures[section.title]})"
            yield ""
        for caption, table in section.tables.items():
            yield f"{caption}:"
            yield ""
            yield from _table(table)
        for note in section.notes:
            yield f"- {note.strip()}"
        if section.notes:
            yield ""


def _told(goal: Goal) -> tuple[str, str, str, str]:
    return goal.what, goal.wanted, goal.found, "yes" if goal.met else "**no**"


def _table(table: Table, *, numbers: bool = True) -> Iterator[str]:
    rest = ["---:" if numbers else "---"] * (len(table.columns) - 1)
    yield _row(table.columns)
    yield _row(["---", *rest])
    yield from map(_row, table.rows)
    yield ""


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
