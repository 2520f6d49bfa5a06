"""The functions' roles on the deployed stack, whose emulator enforces them."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.e2e.letters import arrived, letters_of
from tools.base.stack import Stack
from tools.base.waiting import wait_for
from tools.operating.dead_letters import DeadLetterQueue, Fate
from tools.operating.following import follow
from tools.shop import api, stock
from tools.shop.triggers import TRIGGERS


@contextmanager
def without(stack: Stack, function: str, action: str) -> Iterator[None]:
    """Take an action out of a function's role for a while."""
    iam = stack.client("iam")
    role = stack.physical_id(f"{function}Role")
    policy: Any = iam.get_role_policy(RoleName=role, PolicyName="own")["PolicyDocument"]
    left = [statement for statement in policy["Statement"] if action not in str(statement["Action"])]
    assert len(left) < len(policy["Statement"])
    narrowed = json.dumps({**policy, "Statement": left})
    iam.put_role_policy(RoleName=role, PolicyName="own", PolicyDocument=narrowed)
    try:
        yield
    finally:
        iam.put_role_policy(RoleName=role, PolicyName="own", PolicyDocument=json.dumps(policy))


def test_without_its_right_to_write_a_step_stops_and_its_event_is_a_dead_letter(stack: Stack) -> None:
    stock.shelves(stack).put_item(Item={"sku": "BOOK", "available": 5})
    queue = DeadLetterQueue(stack)
    with without(stack, "NotifyShipping", "dynamodb:UpdateItem"):
        order_id = api.place(stack, TRIGGERS["happy"].order).json()["orderId"]
        letters = arrived(order_id, queue)
        assert api.get(stack, order_id)["status"] == "PAYMENT_CHARGED"
    assert {letter.detail_type for letter in letters} == {"PaymentCharged"}
    assert "AccessDenied" in letters[0].reason
    assert {fate for _, fate in queue.redrive(order_id)} == {Fate.AGAIN}
    assert follow(order_id, stack)["status"] == "SHIPPING_SCHEDULED"


def test_without_its_right_to_publish_a_step_has_written_and_its_event_is_a_dead_letter(stack: Stack) -> None:
    queue = DeadLetterQueue(stack)
    with without(stack, "ReserveInventory", "events:PutEvents"):
        order_id = api.place(stack, TRIGGERS["out-of-stock"].order).json()["orderId"]
        letters = arrived(order_id, queue)
        assert api.get(stack, order_id)["status"] == "INVENTORY_FAILED"
    assert {letter.detail_type for letter in letters} == {"OrderCreated"}
    assert "AccessDenied" in letters[0].reason
    assert [fate for _, fate in queue.redrive(order_id)] == [Fate.AGAIN]
    assert wait_for(lambda: not letters_of(order_id, queue), seconds=30)
