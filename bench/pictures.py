"""Draws what a curve says better than a table."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.rcsetup import cycler

from bench.section import Section

# The same figures give the same bytes, and text stays text.
mpl.rcParams.update({"svg.hashsalt": "order-saga", "svg.fonttype": "none", "font.size": 9})
mpl.rcParams.update({"axes.spines.top": False, "axes.spines.right": False})
mpl.rcParams.update({"axes.prop_cycle": cycler("color", ["#2a6f97", "#bc6c25", "#7f8c8d"])})

APART = 2.5
"""By how many times the value at one label is larger than that at the label before."""


def draw(folder: Path, sections: Sequence[Section]) -> Mapping[str, str]:
    """Draw into `folder` the sections that have curves; return the files' names by the sections' titles."""
    drawn: dict[str, str] = {}
    folder.mkdir(parents=True, exist_ok=True)
    for section in sections:
        if not section.curves:
            continue
        picture = Figure(figsize=(8, 3), layout="constrained")
        for axes, chart in zip(picture.subplots(1, len(section.curves), squeeze=False)[0], section.curves, strict=True):
            for name, points in chart.lines.items():
                axes.plot([x for x, _ in points], [y for _, y in points], marker="o", markersize=4, label=name)
            axes.set(title=chart.title, xlabel=chart.x, ylabel=chart.y, xscale=chart.scale, ylim=(0, None))
            axes.set_xticks(_apart({x for points in chart.lines.values() for x, _ in points}))
            axes.xaxis.set_major_formatter("{x:,.0f}")
            axes.minorticks_off()
            axes.grid(axis="y", alpha=0.3)
            axes.legend(frameon=False)
        file = f"benchmarks-{section.title.lower().replace(' ', '-')}.svg"
        picture.savefig(folder / file, metadata={"Date": None})
        drawn[section.title] = file
    return drawn


def _apart(values: Iterable[float]) -> list[float]:
    """Leave out those values whose labels would lie on one another on a logarithmic axis."""
    ticks: list[float] = []
    for value in sorted(values):
        if not ticks or value >= ticks[-1] * APART:
            ticks.append(value)
    return ticks
