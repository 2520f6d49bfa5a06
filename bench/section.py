"""What a measurement gives: tables to read, goals to meet, figures to compute with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True)
class Table:
    """A table of the report; the first column is text, the others are numbers as they are to be shown."""

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Chart:
    """Curves over one axis: the points (x, y) of each line by its name."""

    title: str
    x: str
    y: str
    lines: Mapping[str, Sequence[tuple[float, float]]]
    scale: Literal["linear", "log"] = "log"
    """Of the x axis."""


@dataclass(frozen=True)
class Goal:
    """What was to be reached, and what was found, in words with their units."""

    what: str
    wanted: str
    found: str
    met: bool


@dataclass(frozen=True)
class Section:
    """One measurement: its tables, each under a sentence that says what it shows, and what follows from them."""

    title: str
    about: str
    """What was measured, how, and against which baseline: a paragraph of Markdown."""
    tables: Mapping[str, Table]
    goals: Sequence[Goal] = ()
    notes: Sequence[str] = ()
    """What the figures do not say by themselves, a sentence or two each."""
    curves: Sequence[Chart] = ()
    """What is drawn, side by side in one picture."""
    figures: Mapping[str, Any] = field(default_factory=dict)
    """The same as plain numbers (JSON), for `docs/benchmarks.json`."""


@dataclass(frozen=True)
class Scale:
    """How much is measured: all of it, or just enough to see that the measurement works (`QUICK=1`)."""

    quick: bool

    def choose(self, full: int, quick: int) -> int:
        """Return the number for a full run, or the one for a quick run."""
        return quick if self.quick else full
