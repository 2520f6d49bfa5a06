"""Reserve stock for a new order."""

from inventory import shelf
from saga.deadline import TIMED_OUT, overdue
from saga.events import InventoryFailed, InventoryReserved, OrderCreated
from saga.identity import derived_id
from saga.step import step


def out_of_stock(created: OrderCreated) -> InventoryFailed:
    """Refuse an order for more than the shelf holds."""
    return InventoryFailed.after(created, failure_reason="out of stock")


@step(transact_with={InventoryReserved: shelf.take}, on_condition_failed=out_of_stock)
def handler(created: OrderCreated) -> InventoryReserved | InventoryFailed:
    """Take the pieces off the shelf, or say that there are not enough."""
    if overdue(created):
        return InventoryFailed.after(created, failure_reason=TIMED_OUT)
    return InventoryReserved.after(created, reservation_id=derived_id("reservation", created.order_id))
