"""Events that cannot be handled: they arrive in the dead-letter queue once, and leave it repaired."""

import json
from collections.abc import Iterator
from uuid import uuid4

import pytest

from contract import Saga
from contract.events import OrderCreated
from saga.table import shard_of
from tests.e2e.letters import arrived, letters_of
from tools.base.stack import Stack
from tools.operating.dead_letters import DeadLetterQueue, Fate, Selection, Way
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


def test_a_poison_event_arrives_once_with_its_reason(stack: Stack, queue: DeadLetterQueue) -> None:
    letter = poison.send(stack)
    assert letter.order_id
    assert (letter.way, letter.detail_type) == (Way.EXECUTION, "OrderCreated")
    assert "ReserveInventory" in letter.function
    assert "OrderCreated is malformed: createdAt: Field required; customerId: Field required; " in letter.reason
    assert len(arrived(letter.order_id, queue)) == 1


def test_a_malformed_event_of_a_known_order_is_repaired_from_its_record(stack: Stack, queue: DeadLetterQueue) -> None:
    stock.shelves(stack).put_item(Item={"sku": "BOOK", "available": 5})
    created = stored(stack, "BOOK")
    send(stack, "OrderCreated", {"orderId": created.order_id, "amount": "a lot"})
    assert arrived(created.order_id, queue)
    assert [fate for _, fate in queue.redrive(Selection(created.order_id), dry_run=True)] == [Fate.CURRENT]
    assert api.get(stack, created.order_id)["status"] == "CREATED"
    assert [fate for _, fate in queue.redrive(Selection(created.order_id))] == [Fate.CURRENT]
    assert follow(created.order_id, stack)["status"] == "SHIPPING_SCHEDULED"
    assert letters_of(created.order_id, queue) == []


def test_a_valid_event_is_published_again_as_it_was(stack: Stack, queue: DeadLetterQueue) -> None:
    early = stored(stack, "OUT-OF-STOCK")
    stack.records.delete_item(Key={"orderId": early.order_id})
    send(stack, "OrderCreated", json.loads(early.detail()))
    (letter,) = arrived(early.order_id, queue)
    assert "there is no record of" in letter.reason
    history = [{"status": "CREATED", "at": "2099-01-01T00:00:00.000Z"}]
    extra = {"status": "CREATED", "updatedAt": history[0]["at"], "history": history}
    stack.records.put_item(Item={**early.fields(), **extra})
    assert [fate for _, fate in queue.redrive(Selection(early.order_id))] == [Fate.AGAIN]
    assert follow(early.order_id, stack)["failureReason"] == "out of stock"


@pytest.mark.slow
def test_nothing_can_be_made_of_a_malformed_event_without_an_order(stack: Stack, queue: DeadLetterQueue) -> None:
    letter = poison.send(stack)
    assert [fate for _, fate in queue.redrive(Selection(letter.order_id))] == [Fate.KEPT]
    assert letter.order_id
    assert arrived(letter.order_id, queue)


@pytest.mark.slow
def test_a_letter_that_a_rule_left_is_unwrapped_as_well(stack: Stack, queue: DeadLetterQueue) -> None:
    """No emulator has a dead-letter queue for rules; the message is the one that AWS documents."""
    created = stored(stack, "OUT-OF-STOCK")
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
    (letter,) = arrived(created.order_id, queue)
    assert (letter.way, letter.function) == (Way.DELIVERY, "ReserveInventory")
    assert letter.reason == "NO_PERMISSIONS: The function's policy does not allow it"
    assert [fate for _, fate in queue.redrive(Selection(created.order_id))] == [Fate.AGAIN]
    assert follow(created.order_id, stack)["status"] == "INVENTORY_FAILED"
