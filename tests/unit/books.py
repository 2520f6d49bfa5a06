"""Looks into the simulated gateway's books."""

import sqlite3
from contextlib import closing
from pathlib import Path


class Books:
    """What a bookkeeper sees: the money that is held under a key, and whether the key was voided."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def held(self, key: str) -> int:
        """Return the money held under a key, in minor units."""
        state, amount = self._entry(key)
        return amount if state == "charged" else 0

    def voided(self, key: str) -> bool:
        """Return whether the key was voided."""
        return self._entry(key)[0] == "voided"

    def _entry(self, key: str) -> tuple[str, int]:
        if not self._file.exists():
            return "nothing", 0
        with closing(sqlite3.connect(self._file)) as books:
            state, amount = books.execute("SELECT state, amount FROM payments WHERE key = ?", (key,)).fetchone() or (
                "nothing",
                0,
            )
        return str(state), int(amount)
