"""Each way that a saga can go, on the deployed stack."""

import re

import pytest

from tools.base.problem import ProblemError
from tools.base.stack import Stack
from tools.base.transitions import is_path
from tools.shop import api, stock
from tools.shop.triggers import TRIGGERS, Trigger, check, pull


def available(stack: Stack, sku: str) -> int:
    return int(str(stock.shelves(stack).get_item(Key={"sku": sku}, ConsistentRead=True)["Item"]["available"]))


@pytest.mark.parametrize(
    ("name", "statuses", "taken"),
    [
        ("happy", ["CREATED", "INVENTORY_RESERVED", "PAYMENT_CHARGED", "SHIPPING_SCHEDULED"], 1),
        ("out-of-stock", ["CREATED", "INVENTORY_FAILED"], 0),
        ("decline", ["CREATED", "INVENTORY_RESERVED", "PAYMENT_FAILED", "INVENTORY_RELEASED"], 0),
        (
            "undeliverable",
            [
                "CREATED",
                "INVENTORY_RESERVED",
                "PAYMENT_CHARGED",
                "SHIPPING_FAILED",
                "PAYMENT_REFUNDED",
                "INVENTORY_RELEASED",
            ],
            0,
        ),
        (
            "pays-later",
            ["CREATED", "INVENTORY_RESERVED", "PAYMENT_PENDING", "PAYMENT_CHARGED", "SHIPPING_SCHEDULED"],
            1,
        ),
        (
            "chargeback",
            [
                "CREATED",
                "INVENTORY_RESERVED",
                "PAYMENT_CHARGED",
                "SHIPPING_FAILED",
                "REFUND_REFUSED",
                "INVENTORY_RELEASED",
            ],
            0,
        ),
    ],
)
def test_a_saga_ends_as_its_trigger_promises(stack: Stack, name: str, statuses: list[str], taken: int) -> None:
    sku = TRIGGERS[name].body["sku"]
    stock.shelves(stack).put_item(Item={"sku": sku, "available": 0 if sku == "OUT-OF-STOCK" else 5})
    before = available(stack, sku)
    record = pull(name, stack)
    assert [change["status"] for change in record["history"]] == statuses
    assert is_path(statuses)
    assert before - available(stack, sku) == taken
    assert record == api.get(stack, record["orderId"])


def test_a_shipped_order_carries_all_its_references(stack: Stack) -> None:
    stock.shelves(stack).put_item(Item={"sku": "BOOK", "available": 5})
    record = pull("happy", stack)
    assert re.fullmatch(r"TRK-[0-9A-F]{8}", record["trackingNumber"])
    assert len({record["reservationId"], record["paymentId"], record["orderId"]}) == 3
    assert record["updatedAt"] == record["history"][-1]["at"]


def test_an_unknown_sku_is_out_of_stock(stack: Stack) -> None:
    order = TRIGGERS["happy"].body | {"sku": "NOBODY-HAS-THIS"}
    TRIGGERS["unknown"] = Trigger(order, {"status": "INVENTORY_FAILED", "failureReason": "out of stock"}, ())
    try:
        assert "reservationId" not in pull("unknown", stack)
    finally:
        del TRIGGERS["unknown"]


def test_a_trigger_whose_promise_is_broken_says_what_differs() -> None:
    record = {"orderId": "1", "status": "INVENTORY_FAILED", "failureReason": "out of stock"}
    with pytest.raises(
        ProblemError, match=r"status is 'INVENTORY_FAILED', not 'SHIPPING_SCHEDULED'.*paymentId is missing"
    ):
        check(TRIGGERS["happy"], record)
