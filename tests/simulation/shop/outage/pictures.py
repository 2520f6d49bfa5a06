"""Draws an outage over time: before and after, side by side."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

from tests.simulation.shop.outage.figures import Seen
from tests.simulation.shop.outage.outage import PEACE
from tests.simulation.shop.outage.providers import Kind

# The same figures give the same bytes, and text stays text.
STYLE: Any = {
    "svg.hashsalt": "order-saga",
    "svg.fonttype": "none",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
}
DRAWN = {
    "waiting": "orders in flight",
    "at_once": "functions at once",
    "calls": "provider calls\nin a second",
    "dead_letters": "dead letters",
}
COLOURS = ("#bc6c25", "#2a6f97")


def draw(file: Path, kind: Kind, sides: Mapping[str, Seen]) -> None:
    """Draw one kind of outage; `sides` are what was seen, by the titles of the columns."""
    with mpl.rc_context(STYLE):
        picture = Figure(figsize=(4.5 * len(sides), 7), layout="constrained")
        axes = picture.subplots(len(DRAWN), len(sides), squeeze=False, sharey="row", sharex=True)
        for column, (title, seen) in enumerate(sides.items()):
            peace, minutes = PEACE / 60, seen.figures.minutes
            for row, (curve, label) in enumerate(DRAWN.items()):
                part, points = axes[row][column], seen.curves[curve]
                part.axvspan(0, minutes, color="#7f8c8d", alpha=0.15, linewidth=0)
                part.plot([at - peace for at in range(len(points))], points, color=COLOURS[column])
                part.set(ylim=(0, None))
                part.yaxis.set_major_formatter("{x:,.0f}")
                part.grid(axis="y", alpha=0.3)
                if not column:
                    part.set_ylabel(label)
            axes[0][column].set_title(title)
            axes[-1][column].set_xlabel(f"minutes; the provider is away ({kind}) where it is grey")
        file.parent.mkdir(parents=True, exist_ok=True)
        picture.savefig(file, metadata={"Date": None})
