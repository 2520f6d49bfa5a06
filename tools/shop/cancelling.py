"""Cancels an order, as its customer does."""

from http import HTTPStatus
from typing import Any

from tools.base.console import console
from tools.base.events import KEY
from tools.base.problem import ProblemError
from tools.base.stack import Stack
from tools.operating.following import follow
from tools.operating.timeline import draw
from tools.shop import api
from tools.shop.ways import TRIGGERS

TRIES = 10
"""Orders that are placed until one is cancelled in time."""


def cancel(stack: Stack, order_id: str) -> dict[str, Any]:
    """Cancel an order; return what is answered. Raises `ProblemError` if it is refused."""
    answer = api.call(stack, "POST", f"{api.PATH}/{order_id}/cancel")
    if answer.is_success:
        said: dict[str, Any] = answer.json()
        return said
    raise ProblemError(f"order {order_id} is not cancelled: {answer.status_code} {answer.text}")


def pull(stack: Stack) -> dict[str, Any]:
    """Place an order, cancel it in flight, follow it to its end, and return its record.

    An order takes but a second, so it is tried again if the card was charged before. Raises `ProblemError`.
    """
    for _ in range(TRIES):
        placed = api.place(stack, TRIGGERS["pays-later"].body)
        if placed.status_code != HTTPStatus.CREATED:
            raise ProblemError(f"the order was not taken: {placed.status_code} {placed.text}")
        order_id = placed.json()[KEY]
        answer = api.call(stack, "POST", f"{api.PATH}/{order_id}/cancel")
        if answer.status_code != HTTPStatus.CONFLICT:
            console.print(f"cancelled at {answer.json()['status']}: {answer.status_code}")
            follow(order_id, stack)
            record = api.get(stack, order_id)
            draw(record)
            return record
    raise ProblemError(f"each of {TRIES} orders was charged before it could be cancelled")


def undone(record: dict[str, Any]) -> list[str]:
    """Return what was undone for an order that was cancelled."""
    went_through = [change["status"] for change in record["history"]]
    return [
        *(["the reservation is released"] if "INVENTORY_RELEASED" in went_through else []),
        *([f"the payment is voided: {record['refundId']}"] if "refundId" in record else []),
    ] or ["nothing had been done for it yet"]
