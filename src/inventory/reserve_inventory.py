"""Reserve stock for a new order."""

from contract.events import InventoryFailed, InventoryReserved, OrderCreated
from contract.identity import derived_id
from inventory import shelf
from saga.step import step


def out_of_stock(created: OrderCreated, _write: object) -> InventoryFailed:
    """Refuse an order for more pieces than the shelf holds."""
    return InventoryFailed.after(created, failure_reason="out of stock")


def give_up(created: OrderCreated, reason: str) -> InventoryFailed:
    """Refuse an order that is past its deadline, or that somebody stopped."""
    return InventoryFailed.after(created, failure_reason=reason)


@step(transact_with={InventoryReserved: shelf.take}, on_condition_failed=out_of_stock, give_up=give_up)
def handler(created: OrderCreated) -> InventoryReserved | InventoryFailed:
    """Take the pieces off the shelf, if there are enough."""
    return InventoryReserved.after(created, reservation_id=derived_id("reservation", created.order_id))
