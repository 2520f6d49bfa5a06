"""Cancels an order, as its customer does."""

from http import HTTPStatus
from typing import Any

from tools.base.console import console
from tools.base.events import KEY
from tools.base.problem import ProblemError
from tools.base.stack import Stack
from tools.base.waiting import wait_for
from tools.operating import recovery
from tools.operating.following import PATIENCE, follow
from tools.operating.timeline import draw
from tools.shop import api
from tools.shop.ways import TRIGGERS

WHO_NEVER_PAYS = "CUST-NEVER-PAYS"
"""A customer whom the simulated provider waits for in vain: there is time to cancel."""
WAITS_AT = "PAYMENT_PENDING"


def pull(stack: Stack) -> dict[str, Any]:
    """Place an order, cancel it while its payment is pending, follow it to its end, and return its record.

    Raises `ProblemError` if it is not taken, does not come to where it waits, or is not cancelled.
    """
    placed = api.place(stack, TRIGGERS["pays-later"].body | {"customerId": WHO_NEVER_PAYS})
    if placed.status_code != HTTPStatus.CREATED:
        raise ProblemError(f"the order was not taken: {placed.status_code} {placed.text}")
    order_id: str = placed.json()[KEY]
    if not wait_for(lambda: api.get(stack, order_id)["status"] == WAITS_AT, seconds=PATIENCE):
        raise ProblemError(f"order {order_id} is not at {WAITS_AT} after {PATIENCE} s: `make trace ORDER={order_id}`")
    console.print(f"the order waits at {WAITS_AT}; its customer cancels", soft_wrap=True)
    api.cancel(stack, order_id)
    console.print("recovery, which comes within a minute, would publish its event: it runs now", soft_wrap=True)
    recovery.run(stack, order_id)
    follow(order_id, stack)
    record = api.get(stack, order_id)
    draw(record)
    return record


def undone(record: dict[str, Any]) -> list[str]:
    """Return what was undone for an order that was cancelled."""
    went_through = [change["status"] for change in record["history"]]
    return [
        *(["the reservation is released"] if "INVENTORY_RELEASED" in went_through else []),
        *([f"the payment is voided: {record['refundId']}"] if "refundId" in record else []),
    ] or ["nothing had been done for it yet"]
