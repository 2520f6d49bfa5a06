"""Compensation: put the pieces of a failed order back."""

from contract.events import InventoryReleased, PaymentFailed, PaymentRefunded, RefundRefused
from inventory import shelf
from saga.step import step


@step(transact_with={InventoryReleased: shelf.put_back})
def handler(failed: PaymentFailed | PaymentRefunded | RefundRefused) -> InventoryReleased:
    """Put the reserved pieces back on the shelf: the order is over, and nothing is held for it."""
    return InventoryReleased.after(failed)
