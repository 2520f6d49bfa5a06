"""The orders that the console shows: a bounded list, kept current by the events that pass and by their records."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cache
from threading import Lock
from typing import Any

from pydantic.alias_generators import to_camel

from saga.clock import iso, now
from saga.event import Event
from tools.base.events import FIRST, KEY, REASON
from tools.base.transitions import EVENT_OF_STATUS, TERMINAL

MOST = 2_000
"""Orders that are kept."""
CREATED = "createdAt"
FIELDS = tuple(name for name in map(to_camel, FIRST.model_fields) if name not in {KEY, CREATED})
"""What somebody ordered: the fields of the first event, but for the key and the time."""
MARKS = ("stopped", "held")
"""The attributes of a record with which people intervene."""

Row = dict[str, Any]


class Board:
    """The orders in flight and the recent ones; any thread may use it."""

    def __init__(self) -> None:
        self._rows: OrderedDict[str, Row] = OrderedDict()
        self._lock = Lock()

    def rows(self) -> list[Row]:
        """Return all rows, those that changed last at the end."""
        with self._lock:
            return [dict(row) for row in self._rows.values()]

    def clear(self) -> None:
        """Forget them all: the stack is another one now."""
        with self._lock:
            self._rows.clear()

    def told(self, event: type[Event], detail: Mapping[str, Any], at: datetime) -> tuple[Row, bool]:
        """Take an event that passed; return its order's row, and whether it moved the order on.

        Events come late, twice and in any order: only one that is further on its way than the row moves it.
        """
        with self._lock:
            row = self._row(str(detail[KEY]))
            moves = row["status"] is None or step(event) > step(EVENT_OF_STATUS.get(row["status"]))
            for name in FIELDS:
                row[name] = _shown(detail.get(name, row.get(name)))
            row[CREATED] = detail.get(CREATED, row[CREATED])
            row[REASON] = _shown(detail.get(REASON, row.get(REASON)))
            if moves:
                row |= {"status": event.status, "updatedAt": iso(at), "terminal": bool(event.terminal)}
            else:
                row["again"] += 1
            return dict(row), moves

    def read(self, records: Iterable[Mapping[str, Any]]) -> list[Row]:
        """Take what the table holds; return the rows that are now others."""
        changed = []
        with self._lock:
            for record in records:
                before = self._rows.get(str(record[KEY]))
                row = self._row(str(record[KEY]))
                status = str(record.get("status"))
                if before and step(EVENT_OF_STATUS.get(row["status"])) > step(EVENT_OF_STATUS.get(status)):
                    continue
                seen = {name: _shown(record.get(name)) for name in (*FIELDS, CREATED, "updatedAt", REASON, *MARKS)}
                seen |= {"status": status, "terminal": status in TERMINAL}
                if any(row.get(name) != value for name, value in seen.items()):
                    row.update(seen)
                    changed.append(dict(row))
        return changed

    def quiet_since(self, time: datetime) -> list[str]:
        """Return the orders in flight of which nothing was heard since a time."""
        with self._lock:
            return [
                key for key, row in self._rows.items() if not row["terminal"] and (row["updatedAt"] or "") < iso(time)
            ]

    def _row(self, key: str) -> Row:
        row = self._rows.setdefault(
            key, {KEY: key, "status": None, "terminal": False, CREATED: iso(now()), "updatedAt": None, "again": 0}
        )
        self._rows.move_to_end(key)
        if len(self._rows) > MOST:
            oldest = next((each for each, other in self._rows.items() if other["terminal"]), next(iter(self._rows)))
            del self._rows[oldest]
        return row


@cache
def step(event: type[Event] | None) -> int:
    """Return how far on its way an order is with an event; 0 for none."""
    return 1 + max(map(step, event.follows), default=0) if event else 0


def _shown(value: Any) -> Any:
    """Return a value that JSON has: DynamoDB's numbers are decimals."""
    return value if isinstance(value, str | int | float | bool | None) else str(value)
