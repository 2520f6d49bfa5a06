"""A payment provider for the demo and the tests: it keeps real books, and no money."""

import sqlite3
import tempfile
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, NoReturn

from contract.identity import derived_id
from payments.gateway import Charge, ForgedHintError, Never, Paid, Payment, Pending, Refused, Void, Voided, VoidedBefore
from saga.clock import iso, now

DECLINED_CUSTOMER = "CUST-DECLINE"
LATE_CUSTOMER = "CUST-PAYS-LATER"
ABSENT_CUSTOMER = "CUST-NEVER-PAYS"
CHARGEBACK_CUSTOMER = "CUST-CHARGEBACK"
SCHEMA = """
CREATE TABLE IF NOT EXISTS payments (
  key TEXT PRIMARY KEY, amount INTEGER NOT NULL, currency TEXT NOT NULL, state TEXT NOT NULL, charges INTEGER NOT NULL
)
"""
TIMES = "CREATE TABLE IF NOT EXISTS times (key TEXT PRIMARY KEY, charged_at TEXT NOT NULL)"


class SimulatedGateway:
    """A `PaymentGateway` whose answers follow from the payment's own fields, and from a void before.

    The customer `CUST-DECLINE` has no money, `CUST-PAYS-LATER` pays while nobody looks, hence before the next question,
    `CUST-NEVER-PAYS` has to and does not, and `CUST-CHARGEBACK` takes the money back through the bank, so that there is
    nothing to refund. Any function in any environment answers so. The books, one SQLite file in the temporary
    directory, only add what was voided: on the emulator all functions share them. On AWS each environment has its own,
    so that there, unlike at a real provider, a charge after its void may be answered with `Paid`, under the same id:
    the step that is told so finds that its order moved on, and undoes it or leaves it. Every order ends alike:
    tests/simulation/shop/test_simulated.py.
    """

    def __init__(self, books: Path | None = None) -> None:
        self.books = books or Path(tempfile.gettempdir()) / "simulated-gateway.sqlite"

    def charge(self, payment: Payment) -> Charge:
        """Charge once under this key; see `PaymentGateway.charge`."""
        return self._standing(payment, asked_before=False)

    def status(self, payment: Payment) -> Charge:
        """Return how a pending payment stands; see `PaymentGateway.status`."""
        return self._standing(payment, asked_before=True)

    def void(self, payment: Payment) -> Void:
        """Undo the charge under this key, and refuse any later one; see `PaymentGateway.void`."""
        with closing(self._open()) as books, books:
            done = books.execute(
                "INSERT INTO payments VALUES (?, ?, ?, 'voided', 0) "
                "ON CONFLICT (key) DO UPDATE SET state = 'voided' WHERE state != 'voided'",
                (payment.key, payment.amount, payment.currency),
            )
        if payment.customer_id == CHARGEBACK_CUSTOMER:
            return Never("charged back by the customer")
        return Voided(derived_id("refund", payment.key)) if done.rowcount else VoidedBefore()

    def webhook(self, headers: Mapping[str, str], body: bytes) -> NoReturn:  # noqa: ARG002  the port's signature
        """Refuse the call: this provider sends none, so somebody else did; see `PaymentGateway.webhook`."""
        raise ForgedHintError("the simulated provider calls nobody")

    def partner_event(self, detail: Mapping[str, Any]) -> None:
        """Return no hint: this provider has no partner event bus; see `PaymentGateway.partner_event`."""

    def _standing(self, payment: Payment, *, asked_before: bool) -> Charge:
        if payment.customer_id == DECLINED_CUSTOMER:
            return Refused("card declined")
        with closing(self._open()) as books, books:
            if payment.customer_id != ABSENT_CUSTOMER and (payment.customer_id != LATE_CUSTOMER or asked_before):
                done = books.execute(
                    "INSERT OR IGNORE INTO payments VALUES (?, ?, ?, 'charged', 1)",
                    (payment.key, payment.amount, payment.currency),
                )
                if done.rowcount:
                    books.execute("INSERT OR IGNORE INTO times VALUES (?, ?)", (payment.key, iso(now())))
            row = books.execute("SELECT state FROM payments WHERE key = ?", (payment.key,)).fetchone()
        if row is None:
            return Pending()
        return Refused("payment voided") if row[0] == "voided" else Paid(derived_id("payment", payment.key))

    def _open(self) -> sqlite3.Connection:
        books = sqlite3.connect(self.books, timeout=10)
        # They outlive a function that dies; a power failure they need not, and waiting for the disk takes 15 ms.
        books.execute("PRAGMA synchronous = OFF")
        books.execute(SCHEMA)
        books.execute(TIMES)
        return books
