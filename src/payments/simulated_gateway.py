"""A payment provider for the demo and the tests: it keeps real books, and no money."""

import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

from contract.identity import derived_id
from payments.gateway import PaymentRefusedError

DECLINED_CUSTOMER = "CUST-DECLINE"
SCHEMA = """
CREATE TABLE IF NOT EXISTS payments (
  key TEXT PRIMARY KEY, amount INTEGER NOT NULL, currency TEXT NOT NULL, state TEXT NOT NULL, charges INTEGER NOT NULL
)
"""


class SimulatedGateway:
    """A `PaymentGateway` whose books are one SQLite file in the temporary directory.

    On the emulator all functions share that directory, hence the books, and a void is remembered as with a real
    provider. On AWS each Lambda environment has its own: answers agree all the same, since they follow from the key
    and the customer, but a void is not seen elsewhere. The customer `CUST-DECLINE` has no money.
    """

    def __init__(self, books: Path | None = None) -> None:
        self.books = books or Path(tempfile.gettempdir()) / "simulated-gateway.sqlite"

    def charge(self, key: str, customer_id: str, amount: int, currency: str) -> str:
        """Charge once under this key; see `PaymentGateway.charge`."""
        if customer_id == DECLINED_CUSTOMER:
            raise PaymentRefusedError("card declined")
        with closing(self._open()) as books, books:
            books.execute("INSERT OR IGNORE INTO payments VALUES (?, ?, ?, 'charged', 1)", (key, amount, currency))
            (state,) = books.execute("SELECT state FROM payments WHERE key = ?", (key,)).fetchone()
        if state == "voided":
            raise PaymentRefusedError("payment voided")
        return derived_id("payment", key)

    def void(self, key: str) -> None:
        """Undo the charge under this key, and refuse any later one; see `PaymentGateway.void`."""
        with closing(self._open()) as books, books:
            books.execute(
                "INSERT INTO payments VALUES (?, 0, '', 'voided', 0) ON CONFLICT (key) DO UPDATE SET state = 'voided'",
                (key,),
            )

    def _open(self) -> sqlite3.Connection:
        books = sqlite3.connect(self.books, timeout=10)
        # They outlive a function that dies; a power failure they need not, and waiting for the disk takes 15 ms.
        books.execute("PRAGMA synchronous = OFF")
        books.execute(SCHEMA)
        return books
