"""Hotels for the demo and the tests: they keep real books, and no rooms."""

import sqlite3
import tempfile
from contextlib import closing
from datetime import date
from pathlib import Path

from contract.identity import derived_id
from hotels.hotels import RoomRefusedError

FULL = "HOTEL-FULL"
SCHEMA = """
CREATE TABLE IF NOT EXISTS rooms (
  key TEXT PRIMARY KEY, hotel TEXT NOT NULL, arrival TEXT NOT NULL, departure TEXT NOT NULL, state TEXT NOT NULL
)
"""


class SimulatedHotels:
    """`Hotels` whose books are one SQLite file in the temporary directory.

    On the emulator all functions share that directory, hence the books. On AWS each Lambda environment has its own:
    answers agree all the same, since they follow from the key and the hotel, but a cancellation is not seen elsewhere.
    The hotel `HOTEL-FULL` has no rooms.
    """

    def __init__(self, books: Path | None = None) -> None:
        self.books = books or Path(tempfile.gettempdir()) / "simulated-hotels.sqlite"

    def book(self, key: str, hotel: str, arrival: date, departure: date) -> str:
        """Book once under this key; see `Hotels.book`."""
        if hotel == FULL:
            raise RoomRefusedError("hotel full")
        room = (key, hotel, arrival.isoformat(), departure.isoformat())
        with closing(self._open()) as books, books:
            books.execute("INSERT OR IGNORE INTO rooms VALUES (?, ?, ?, ?, 'booked')", room)
            (state,) = books.execute("SELECT state FROM rooms WHERE key = ?", (key,)).fetchone()
        if state == "cancelled":
            raise RoomRefusedError("booking cancelled")
        return derived_id("hotel-booking", key)

    def cancel(self, key: str) -> None:
        """Cancel what is booked under this key, and refuse any later booking; see `Hotels.cancel`."""
        with closing(self._open()) as books, books:
            books.execute(
                "INSERT INTO rooms VALUES (?, '', '', '', 'cancelled') "
                "ON CONFLICT (key) DO UPDATE SET state = 'cancelled'",
                (key,),
            )

    def _open(self) -> sqlite3.Connection:
        books = sqlite3.connect(self.books, timeout=10)
        books.execute("PRAGMA synchronous = OFF")
        books.execute(SCHEMA)
        return books
