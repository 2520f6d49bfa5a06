"""Sums over a whole shop that have to be right, whatever is broken; the console shows them.

The tables are read one after the other, while sagas go on. So the records are read before and after: one that stood
still in between counts as it is, one that moved as anything it may have been. A sum is wrong if no such count makes it
right.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from tools.base.events import KEY
from tools.base.stack import Stack

Record = Mapping[str, Any]
Records = Mapping[str, Record]


class Stands(StrEnum):
    """How it stands with a sum."""

    RIGHT = "right"
    WRONG = "wrong"
    COUNTING = "counting"


@dataclass(frozen=True)
class Sum:
    """A sum: its name, its parts in words, and whether it is right."""

    name: str
    stands: Stands
    parts: dict[str, str]
    says: str


def records(stack: Stack) -> Records:
    """Read all records, consistently: for an emulator, where they are few."""
    pages = stack.records.meta.client.get_paginator("scan").paginate(TableName=stack.records.name, ConsistentRead=True)
    return {str(item[KEY]): item for page in pages for item in page["Items"]}


def been(record: Record) -> set[str]:
    """Return the statuses that a record has been at."""
    return {change["status"] for change in record["history"]}


class Pieces:
    """Counts what lies in stock and what sagas hold: together they stay what they were."""

    def __init__(
        self, name: str, takes: Callable[[Record], Mapping[str, int]], holds: Callable[[Record], bool]
    ) -> None:
        self._name, self._takes, self._holds = name, takes, holds
        self._whole: dict[str, int] = {}

    def begin_anew(self) -> None:
        """Take what there is for right: somebody filled the stock."""
        self._whole.clear()

    def count(self, before: Records, stock: Mapping[str, int], after: Records) -> Sum:
        """Count once; `stock` was read between the two."""
        fewest, most = Counter[str](), Counter[str]()
        for key, record in after.items():
            stood = key in before and len(before[key]["history"]) == len(record["history"])
            for what, pieces in self._takes(record).items():
                fewest[what] += pieces if stood and self._holds(record) else 0
                most[what] += pieces if not stood or self._holds(record) else 0
        wrong, counting = list[str](), False
        for what, lies in stock.items():
            if what not in self._whole and fewest[what] == most[what]:
                self._whole[what] = lies + fewest[what]
            if (whole := self._whole.get(what)) is None:
                counting = True
            elif lies < 0:
                wrong.append(f"{-lies} {what} more were sold than there are")
            elif not lies + fewest[what] <= whole <= lies + most[what]:
                missing = whole - lies - fewest[what]
                wrong.append(f"{abs(missing)} {what} {'vanished' if missing > 0 else 'appeared'}")
        whole, lie = sum(self._whole.values()), sum(stock.values())
        return Sum(
            self._name,
            Stands.WRONG if wrong else Stands.COUNTING if counting else Stands.RIGHT,
            {"in stock": str(lie), "held": str(whole - lie), "in all": str(whole)},
            "; ".join(wrong) or "None is missing, none was sold twice.",
        )


class Suspects:
    """What looks wrong in passing, between two writes, and what is wrong: twice in a row."""

    def __init__(self) -> None:
        self._before = set[str]()

    def convicted(self, wrong: set[str]) -> set[str]:
        """Return what was wrong the last time as well."""
        both, self._before = wrong & self._before, wrong
        return both
