"""What the console shows of the agency beside its trips: the free seats, and the sums that have to be right."""

import sqlite3
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from contract.events import FlightBooked
from tools.base.stack import Stack
from tools.base.transitions import EVENT_OF_STATUS, TERMINAL
from tools.shop.seats import flights
from tools.shop.sums import Pieces, Record, Records, Stands, Sum, Suspects, been, records

BOOKS = "simulated-hotels.sqlite"
"""The books of the simulated hotels, in the folder for temporary files that the functions share."""
FILL = "Free all seats"


def shelf_rows(stack: Stack) -> list[dict[str, Any]]:
    """Return the free seats, as the rows of a table."""
    found = flights(stack).scan()["Items"]
    return [
        {"flight": str(flight["flight"]), "available": int(str(flight["available"]))}
        for flight in sorted(found, key=lambda flight: str(flight["flight"]))
    ]


def holds_in_flight(trip: Mapping[str, Any]) -> Mapping[str, int]:
    """Return the seats that a trip in flight has taken, by what the first column of a flight's row says."""
    event = EVENT_OF_STATUS.get(trip["status"])
    taken = event is not None and issubclass(event, FlightBooked) and not event.terminal
    return _takes(trip) if taken else {}


class Panel:
    """Counts seats and rooms, time and again."""

    def __init__(self, temporary: Path) -> None:
        self._books = temporary / BOOKS
        self._seats = Pieces("Seats", _takes, _holds)
        self._suspects = Suspects()

    def begin_anew(self) -> None:
        """Take what there is for right: somebody freed the seats."""
        self._seats.begin_anew()

    def sums(self, stack: Stack) -> list[Sum]:
        """Count once."""
        before = records(stack)
        free = {flight["flight"]: flight["available"] for flight in shelf_rows(stack)}
        rooms = self._rooms()
        return [self._seats.count(before, free, records(stack)), self.rooms(before, rooms)]

    def rooms(self, trips: Records, rooms: Mapping[str, str]) -> Sum:
        """Compare what the hotels keep with the trips that were made."""
        ended = {key: trip for key, trip in trips.items() if trip["status"] in TERMINAL}
        booked = {key for key in ended if rooms.get(key) == "booked"}
        wanted = {key for key, trip in ended.items() if trip["status"] == "CAR_BOOKED"}
        surely = self._suspects.convicted(booked ^ wanted)
        return Sum(
            "Rooms",
            Stands.WRONG if surely else Stands.COUNTING if booked ^ wanted else Stands.RIGHT,
            {"booked": str(len(booked)), "wanted": str(len(wanted))},
            f"Wrong for {', '.join(sorted(surely)[:3])}."
            if surely
            else "Each booked trip has one room; all other rooms were cancelled.",
        )

    def _rooms(self) -> Mapping[str, str]:
        if not self._books.exists():
            return {}
        with closing(sqlite3.connect(f"file:{self._books}?mode=ro", uri=True, timeout=5)) as books:
            return dict(books.execute("SELECT key, state FROM rooms").fetchall())


def _takes(trip: Record) -> Mapping[str, int]:
    # There and back may be one flight.
    taken = Counter[str]()
    for number, day in (("outbound", "departsOn"), ("inbound", "returnsOn")):
        taken[f"{trip[number]} on {trip[day]}"] += int(trip["seats"])
    return taken


def _holds(trip: Record) -> bool:
    return "FLIGHT_BOOKED" in been(trip) and "FLIGHT_CANCELLED" not in been(trip)
