"""The simulated provider's books, read by somebody else."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path

from contract.identity import derived_id
from payments.ledger import Payment
from saga.clock import iso

TAKEN = """
SELECT key, amount, currency, state, charged_at FROM payments JOIN times USING (key)
WHERE charges = 1 AND charged_at >= ? AND charged_at < ? ORDER BY charged_at
"""


class SimulatedLedger:
    """A `PaymentLedger` of the file that the simulated gateway keeps; there may be none yet."""

    def __init__(self, books: Path) -> None:
        self._books, self.calls = books, 0

    def payments(self, start: datetime, end: datetime) -> Iterator[Payment]:
        """Yield the payments of this time; see `PaymentLedger.payments`."""
        if not self._books.exists():
            return
        self.calls += 1
        with closing(sqlite3.connect(self._books)) as books:
            for key, amount, currency, state, at in books.execute(TAKEN, (iso(start), iso(end))):
                yield Payment(
                    key=key,
                    payment_id=derived_id("payment", key),
                    amount=amount,
                    returned=amount if state == "voided" else 0,
                    currency=currency,
                    at=datetime.fromisoformat(at),
                )
