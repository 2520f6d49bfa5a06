"""Follows an order to its end."""

from typing import Any

from tools.base.console import console
from tools.base.events import NOUN
from tools.base.problem import ProblemError
from tools.base.stack import Stack
from tools.base.transitions import TERMINAL
from tools.base.waiting import wait_for
from tools.operating.record import find

PATIENCE = 30
"""Seconds that a saga may take."""


def follow(order_id: str, stack: Stack) -> dict[str, Any]:
    """Wait until an order's status is terminal, and return its record.

    Raises `ProblemError` if there is no such order, or if that takes longer than `PATIENCE`.
    """
    status = ""
    with console.status(f"{NOUN} {order_id}") as shown:

        def terminal() -> dict[str, Any] | None:
            nonlocal status
            if (record := find(stack, order_id)) is None:
                raise ProblemError(f"there is no {NOUN} {order_id} at {stack.target.name}")
            status = record["status"]
            shown.update(f"{NOUN} {order_id}: {status}")
            return record if status in TERMINAL else None

        record = wait_for(terminal, seconds=PATIENCE)
    if record is None:
        raise ProblemError(
            f"{NOUN} {order_id} is still {status} after {PATIENCE} s: look with `make trace ORDER={order_id}`"
        )
    return record
