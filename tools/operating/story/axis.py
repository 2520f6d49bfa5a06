"""The time axis of a drawing: long times in which nothing happens are cut out of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

Stretch = tuple[datetime, datetime]
"""From when to when."""
LONG = timedelta(seconds=5)
"""Nothing shorter is cut out."""
TIMES_THE_REST = 3
"""Nor anything that is not so many times longer than what stays."""
FEW = 4
"""Cuts at the most: many waits of the same length are what there is to see."""
FOR_CUTS = 0.5
"""How much of the axis all cuts take together, at the most."""
FOR_A_CUT = 2
"""Columns for one."""


@dataclass(frozen=True)
class Axis:
    """Places times on a line of `columns` characters."""

    columns: int
    begin: datetime
    end: datetime
    cuts: tuple[Stretch, ...]

    @classmethod
    def over(cls, stretches: Sequence[Stretch], columns: int) -> "Axis":
        """Make the axis on which all these stretches lie."""
        ordered = sorted(stretches)
        begin = reached = ordered[0][0]
        still = list[Stretch]()
        for since, until in ordered:
            if since > reached:
                still.append((reached, since))
            reached = max(reached, until)
        return cls(columns, begin, reached, _too_long(still, reached - begin))

    @cached_property
    def marks(self) -> frozenset[int]:
        """The columns in which cuts are marked."""
        return frozenset(self.column(since + (until - since) / 2) for since, until in self.cuts)

    def column(self, time: datetime) -> int:
        """Return the column of a time; a cut has few columns for all that it leaves out."""
        a_cut = min(FOR_A_CUT / self.columns, FOR_CUTS / len(self.cuts)) if self.cuts else 0
        kept = self.end - self.begin - _length(self.cuts)
        passed = [(cut, (cut[0], min(time, cut[1]))) for cut in self.cuts if cut[0] < time]
        cuts = sum(_length([part]) / _length([cut]) for cut, part in passed)
        drawn = (time - self.begin - _length([part for _, part in passed])) / kept if kept else 0
        return min(int((drawn * (1 - a_cut * len(self.cuts)) + cuts * a_cut) * self.columns), self.columns - 1)


def _too_long(still: Sequence[Stretch], whole: timedelta) -> tuple[Stretch, ...]:
    kept = whole - _length(still)
    by_length = sorted(still, key=lambda stretch: stretch[1] - stretch[0])
    for number, (since, until) in enumerate(by_length):
        few = len(by_length) - number <= FEW
        if few and until - since > max(LONG, kept * TIMES_THE_REST):
            return tuple(sorted(by_length[number:]))
        kept += until - since
    return ()


def _length(stretches: Sequence[Stretch]) -> timedelta:
    return sum((until - since for since, until in stretches), timedelta())
