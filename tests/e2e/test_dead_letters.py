"""Events that cannot be handled: they arrive in the dead-letter queue once, and leave it repaired."""

import json
from collections.abc import Iterator, Sequence
from uuid import uuid4

import pytest

from contract import Saga
from contract.events import OrderCreated
from saga.table import shard_of
from tools.base.stack import Stack
from tools.base.waiting import wait_for
from tools.operating.dead_letters import DeadLetter, DeadLetterQueue, Fate, Way
from tools.operating.following import follow
from tools.operating.publishing import publish
from tools.shop import api, poison, stock


@pytest.fixture
def queue(stack: Stack) -> Iterator[DeadLetterQueue]:
    """The dead-letter queue, emptied afterwards."""
    yield DeadLetterQueue(stack)
    stack.client("sqs").purge_queue(QueueUrl=stack.output("DeadLetterQueueUrl"))


def send(stack: Stack, detail_type: str, detail: dict[str, object]) -> None:
    publish(stack, detail_type, json.dumps(detail))


def stored(stack: Stack, sku: str) -> OrderCreated:
    """Store an order as CreateOrder does whose publish was lost."""
    order_id, at = str(uuid4()), "2099-01-01T00:00:00.000Z"
    created = OrderCreated.from_fields(
        {
            "orderId": order_id,
            "createdAt": at,
            "customerId": "CUST-1",
            "sku": sku,
            "quantity": 1,
            "amount": 100,
            "currency": "USD",
        }
    )
    history = [{"status": "CREATED", "at": at}]
    extra = {"status": "CREATED", "updatedAt": at, "history": history, "inFlight": shard_of(order_id)}
    stack.records.put_item(Item={**created.fields(), **extra})
    return created


def leave_by_a_rule(stack: Stack, created: OrderCreated) -> None:
    """Leave an event as a rule does that may not invoke its function, in the message that AWS documents.

    No emulator has a dead-letter queue for rules.
    """
    event = {"source": Saga.source, "detail-type": "OrderCreated", "detail": json.loads(created.detail())}
    said = {
        "RULE_ARN": "arn:aws:events:us-east-1:123456789012:rule/orders/rule",
        "TARGET_ARN": "arn:aws:lambda:us-east-1:123456789012:function:ReserveInventory",
        "ERROR_CODE": "NO_PERMISSIONS",
        "ERROR_MESSAGE": "The function's policy does not allow it",
    }
    stack.client("sqs").send_message(
        QueueUrl=stack.output("DeadLetterQueueUrl"),
        MessageBody=json.dumps(event),
        MessageAttributes={name: {"DataType": "String", "StringValue": value} for name, value in said.items()},
    )


def test_a_redrive_publishes_what_is_valid_repairs_what_is_known_and_keeps_the_rest(
    stack: Stack, queue: DeadLetterQueue
) -> None:
    # Given a malformed event of a known order, a valid one that came too early, one that a rule left, and poison.
    stock.shelves(stack).put_item(Item={"sku": "BOOK", "available": 5})
    malformed, early, denied = (stored(stack, sku) for sku in ("BOOK", "OUT-OF-STOCK", "OUT-OF-STOCK"))
    record = stack.records.delete_item(Key={"orderId": early.order_id}, ReturnValues="ALL_OLD")["Attributes"]
    send(stack, "OrderCreated", {"orderId": malformed.order_id, "amount": "a lot"})
    send(stack, "OrderCreated", json.loads(early.detail()))
    leave_by_a_rule(stack, denied)
    unknown = poison.send(stack).order_id or ""
    orders = [malformed.order_id, early.order_id, denied.order_id, unknown]

    # Expect each to arrive once, with its reason.
    letters = wait_for(lambda: of_all(orders, queue.letters()), seconds=30, every=0.5)
    assert [letter.order_id for letter in letters] == orders
    assert [letter.way for letter in letters] == [Way.EXECUTION, Way.EXECUTION, Way.DELIVERY, Way.EXECUTION]
    assert {letter.detail_type for letter in letters} == {"OrderCreated"}
    assert all("ReserveInventory" in letter.function for letter in letters)
    for letter, reason in zip(
        letters,
        [
            "OrderCreated is malformed: createdAt: Field required; customerId: Field required; ",
            "there is no record of",
            "NO_PERMISSIONS: The function's policy does not allow it",
            "OrderCreated is malformed: createdAt: Field required; customerId: Field required; ",
        ],
        strict=True,
    ):
        assert reason in letter.reason

    # Then a dry run tells what a redrive does and leaves all as it is, and a redrive does it.
    stack.records.put_item(Item=record)
    fates = [Fate.CURRENT, Fate.AGAIN, Fate.AGAIN, Fate.KEPT]
    told = {letter.order_id: fate for letter, fate in queue.redrive(dry_run=True)}
    assert [told[order_id] for order_id in orders] == fates
    assert api.get(stack, malformed.order_id)["status"] == "CREATED"
    done = {letter.order_id: fate for letter, fate in queue.redrive()}
    assert [done[order_id] for order_id in orders] == fates
    assert follow(malformed.order_id, stack)["status"] == "SHIPPING_SCHEDULED"
    assert follow(early.order_id, stack)["failureReason"] == "out of stock"
    assert follow(denied.order_id, stack)["failureReason"] == "out of stock"
    assert [letter.order_id for letter in queue.letters() if letter.order_id in orders] == [unknown]


def of_all(orders: Sequence[str], letters: Sequence[DeadLetter]) -> list[DeadLetter]:
    """Return the letters of these orders in their order; none until each has one."""
    found = [letter for order_id in orders for letter in letters if letter.order_id == order_id]
    return found if {letter.order_id for letter in found} == set(orders) else []
