"""The port to the payment provider's books, which `make reconcile` compares with the orders. No function uses it.

Put your adapter beside `simulated_ledger.py`, and add it to `tests/contract/test_ledgers.py`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class Payment:
    """A payment in the provider's books."""

    key: str | None
    """The idempotency key under which it was made: the order's id. None if it names none."""
    payment_id: str
    """The provider's own id."""
    amount: int
    """What was taken, in minor units of the currency."""
    returned: int
    """What was returned to the customer, by a refund or through the bank."""
    currency: str
    """ISO 4217, capitals."""
    at: datetime
    """When it was made, or begun."""
    refund_failed: bool = False
    """Whether a refund of it failed after it was made: the customer does not have that money."""

    @property
    def held(self) -> int:
        """The money of this payment that the shop holds."""
        return self.amount - self.returned


class PaymentLedger(Protocol):
    """The operations on a provider's books."""

    calls: int
    """How many calls were made to the provider so far."""

    def payments(self, start: datetime, end: datetime) -> Iterator[Payment]:
        """Yield the payments by which money was taken that were begun from `start` on and before `end`.

        Each stands there once, with all that came of it until now. Raises whatever the provider's library raises.
        """
