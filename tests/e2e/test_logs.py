"""What the functions of the deployed stack log."""

import json
from typing import Any
from uuid import uuid4

import pytest

from tools.base.problem import ProblemError
from tools.base.stack import Stack
from tools.base.waiting import wait_for
from tools.operating.following import follow
from tools.operating.logs import LogGroup, own_lines, show
from tools.shop import api, stock

SECRETS: dict[str, str | int] = {
    "customerId": "CUST-LOGGED-NOWHERE",
    "sku": "SKU-LOGGED-NOWHERE",
    "amount": 987654321,
    "currency": "XTS",
    "paymentMethod": "pm_logged_nowhere",
}
AT = "2026-01-31T09:00:00.000Z"


def messages(stack: Stack) -> list[str]:
    return LogGroup(stack).messages()


def test_an_orders_lines_tell_each_step_and_nothing_of_its_customer(stack: Stack) -> None:
    stock.shelves(stack).put_item(Item={"sku": SECRETS["sku"], "available": 1})
    order_id = api.place(stack, SECRETS).json()["orderId"]
    follow(order_id, stack)

    def steps() -> list[dict[str, Any]]:
        lines = [line for message in messages(stack) for line in own_lines(message)]
        found = [line for line in lines if line.get("orderId") == order_id and line.get("event") == "step"]
        return found if len(found) == 3 else []

    told = [(line["consumed"], line["delivery"], line["published"]) for line in wait_for(steps, seconds=20)]
    assert sorted(told) == [
        ("InventoryReserved", "first", "PaymentCharged"),
        ("OrderCreated", "first", "InventoryReserved"),
        ("PaymentCharged", "first", "ShippingScheduled"),
    ]
    assert {line["correlation_id"] for line in steps()} == {order_id}
    everything = "\n".join(messages(stack))
    order = api.get(stack, order_id)
    told_by_providers = [order[name] for name in ("reservationId", "paymentId", "trackingNumber")]
    assert [value for value in (*map(str, SECRETS.values()), *told_by_providers) if value in everything] == []


def test_bad_input_is_logged_by_its_fields_and_not_by_its_values(stack: Stack) -> None:
    api.place(stack, {"customerId": "c" * 65, "sku": "BAD-INPUT-LOGGED-NOWHERE", "amount": -1})

    def refusals() -> list[str]:
        return [message for message in messages(stack) if "bad request" in message and "customerId" in message]

    assert wait_for(refusals, seconds=20)
    everything = json.dumps(messages(stack))
    assert "c" * 65 not in everything
    assert "BAD-INPUT-LOGGED-NOWHERE" not in everything


def test_an_order_that_nobody_knows_is_said_to_be_unknown(stack: Stack) -> None:
    unknown = str(uuid4())
    with pytest.raises(ProblemError) as problem:
        show(stack, unknown)
    assert str(problem.value) == (
        f"there is no order {unknown} at {stack.target.name}: `make orders` lists those in flight and the recent ones"
    )


def test_of_an_order_without_a_line_it_is_said_that_there_is_none(
    stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    silent = {"orderId": str(uuid4()), "createdAt": AT, "updatedAt": AT, "status": "INVENTORY_FAILED"}
    stack.records.put_item(Item=silent | {"history": [{"status": "CREATED", "at": AT}]})
    show(stack, silent["orderId"])
    assert capsys.readouterr() == ("", "! there is no log line: none has arrived yet, or they have expired\n")
    stack.records.delete_item(Key={"orderId": silent["orderId"]})
