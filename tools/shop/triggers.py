"""Places an order and follows it to its end: one trigger for each way that a saga can go."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from tools.base.console import console
from tools.base.problem import ProblemError
from tools.base.stack import Stack
from tools.operating.following import follow
from tools.operating.timeline import draw
from tools.shop import api


@dataclass(frozen=True)
class Trigger:
    """An order to place, and the end that it promises: values that the final record has, and fields that it has."""

    order: dict[str, Any]
    promises: dict[str, str]
    fields: tuple[str, ...]


TRIGGERS = {
    "happy": Trigger(
        order={"customerId": "CUST-1", "sku": "BOOK", "quantity": 1, "amount": 4200, "currency": "USD"},
        promises={"status": "SHIPPING_SCHEDULED"},
        fields=("reservationId", "paymentId", "trackingNumber"),
    ),
    "out-of-stock": Trigger(
        order={"customerId": "CUST-1", "sku": "OUT-OF-STOCK", "quantity": 1, "amount": 4200, "currency": "USD"},
        promises={"status": "INVENTORY_FAILED", "failureReason": "out of stock"},
        fields=(),
    ),
    "decline": Trigger(
        order={"customerId": "CUST-DECLINE", "sku": "BOOK", "quantity": 1, "amount": 4200, "currency": "USD"},
        promises={"status": "INVENTORY_RELEASED", "failureReason": "card declined"},
        fields=("reservationId",),
    ),
    "undeliverable": Trigger(
        order={"customerId": "CUST-UNDELIVERABLE", "sku": "BOOK", "quantity": 1, "amount": 4200, "currency": "USD"},
        promises={"status": "INVENTORY_RELEASED", "failureReason": "address undeliverable"},
        fields=("reservationId", "paymentId", "refundId"),
    ),
}


def pull(name: str, stack: Stack) -> dict[str, Any]:
    """Place the trigger's order, follow it, draw its timeline, and return its final record.

    Raises `ProblemError` if the order is not taken, or does not end within `PATIENCE` as the trigger promises.
    """
    trigger = TRIGGERS[name]
    console.rule(f"[bold]{name}[/]", align="left")
    record = place(trigger.order, stack)
    check(trigger, record)
    return record


def place(order: dict[str, Any], stack: Stack) -> dict[str, Any]:
    """Place an order, follow it, draw its timeline, and return its final record.

    Raises `ProblemError` if the order is not taken, or does not end within `PATIENCE`.
    """
    answer = api.place(stack, order)
    if answer.status_code != HTTPStatus.CREATED:
        raise ProblemError(f"the order was not taken: {answer.status_code} {answer.text}")
    order_id = answer.json()["orderId"]
    follow(order_id, stack)
    record = api.get(stack, order_id)
    draw(record)
    return record


def check(trigger: Trigger, record: dict[str, Any]) -> None:
    """Compare a final record with what its trigger promised. Raises `ProblemError` naming what differs."""
    wrong = [
        f"{name} is {record.get(name)!r}, not {value!r}"
        for name, value in trigger.promises.items()
        if record.get(name) != value
    ]
    wrong += [f"{name} is missing" for name in trigger.fields if not record.get(name)]
    if wrong:
        raise ProblemError(f"the saga did not end as promised: {'; '.join(wrong)}")
