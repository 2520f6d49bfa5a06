"""docs/outages.md and what lies beside it: the figures of the last whole run, before and after."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from tests.simulation.outage.assumptions import ASSUMPTIONS
from tests.simulation.shop.outage.figures import BOUNDS, Seen
from tests.simulation.shop.outage.pictures import draw
from tests.simulation.shop.outage.providers import Kind
from tools.base.root import ROOT

PAGE = ROOT / "docs" / "outages.md"
FIGURES = PAGE.with_suffix(".json")
MARKS = {
    "figures": ("<!-- figures: made by make outage -->\n", "<!-- end of figures -->\n"),
    "assumptions": ("<!-- assumptions: made by make outage -->\n", "<!-- end of assumptions -->\n"),
}
Sides = dict[str, Seen]
"""What was seen of one kind of outage: `before` and `after`."""


def kept() -> dict[Kind, Sides]:
    """Return what was seen in the last whole runs."""
    read: dict[str, dict[str, Any]] = json.loads(FIGURES.read_text()) if FIGURES.exists() else {}
    return {Kind(kind): {side: Seen.from_json(seen) for side, seen in sides.items()} for kind, sides in read.items()}


def write(seen: Mapping[Kind, Sides]) -> None:
    """Write the figures, draw the pictures, and renew the page."""
    every = {kind: (kept().get(kind, {}) | seen.get(kind, {})) for kind in Kind}
    every = {kind: sides for kind, sides in every.items() if sides}
    plain = {kind: {side: each.as_json() for side, each in sorted(sides.items())} for kind, sides in every.items()}
    FIGURES.write_text(json.dumps(plain) + "\n")
    for kind, sides in every.items():
        draw(PAGE.with_name(f"outages-{kind}.svg"), kind, dict(sorted(sides.items(), reverse=True)))
    PAGE.write_text(renewed(PAGE.read_text(), every))


def renewed(page: str, seen: Mapping[Kind, Sides]) -> str:
    """Return the page with what is made of it made anew."""
    made = {"figures": "\n".join(_of_all(seen)), "assumptions": "\n".join(_assumptions())}
    for name, (begin, end) in MARKS.items():
        before, _, rest = page.partition(begin)
        _, _, after = rest.partition(end)
        page = f"{before}{begin}\n{made[name]}\n{end}{after}"
    return page


def _of_all(seen: Mapping[Kind, Sides]) -> Iterator[str]:
    for kind, sides in seen.items():
        columns = sorted(sides, reverse=True)
        yield f"### KIND={kind}"
        yield ""
        yield _plans({column: sides[column] for column in columns})
        yield ""
        yield f"| | bound | {' | '.join(columns)} | |"
        yield f"|---|---|{'---|' * len(columns)}---|"
        for bound in BOUNDS:
            bounded = kind in bound.kinds
            last = sides[columns[-1]].figures
            wanted = bound.wanted(last) if bounded else "-"
            found = " | ".join(bound.found(sides[column].figures) for column in columns)
            yield f"| {bound.what} | {wanted} | {found} | {('✔' if bound.holds(last) else '✘') if bounded else ''} |"
        placed = " | ".join(f"{sides[column].figures.orders:,}" for column in columns)
        shipped = " | ".join(f"{sides[column].figures.shipped:,}" for column in columns)
        yield f"| Orders placed | | {placed} | |"
        yield f"| Orders shipped | | {shipped} | |"
        yield ""
        yield f"![Orders, functions, calls and dead letters while the provider is away: {kind}](outages-{kind}.svg)"
        yield ""


def _plans(sides: Sides) -> str:
    plans = {
        side: f"{seen.figures.rate:g} orders a second, {seen.figures.minutes:g} minutes" for side, seen in sides.items()
    }
    if len(set(plans.values())) == 1:
        return f"{next(iter(plans.values()))}."
    return f"{'; '.join(f'{side}: {plan}' for side, plan in plans.items())}.".capitalize()


def _assumptions() -> Iterator[str]:
    yield "| What | Value | Source |"
    yield "|---|---|---|"
    for each in ASSUMPTIONS:
        yield f"| {each.what} | {each.value} | {each.source} |"
    yield ""
