"""A consumer in a stack of its own, deployed beside the saga: an order awards points once."""

from collections.abc import Iterator

import pytest

from contract.events import ShippingScheduled
from tools.base.stack import Stack
from tools.deploying.deletion import delete_stack
from tools.operating.publishing import publish
from tools.operating.record import find
from tools.shop import loyalty, triggers
from tools.shop.seed import seed

pytestmark = pytest.mark.slow
CUSTOMER = "CUST-COLLECTS-POINTS"


@pytest.fixture
def beside(stack: Stack) -> Iterator[Stack]:
    seed(stack)
    yield loyalty.deploy(stack)
    delete_stack(loyalty.target_beside(stack.target))


def shipped(stack: Stack, amount: int) -> ShippingScheduled:
    """Place an order that goes well, and return its last event."""
    body = triggers.TRIGGERS["happy"].body | {"customerId": CUSTOMER, "amount": amount}
    order_id = triggers.place(body, stack)["orderId"]
    return ShippingScheduled.from_fields(find(stack, order_id) or {})


def test_each_order_awards_points_once_even_if_its_event_is_delivered_twice(stack: Stack, beside: Stack) -> None:
    first, second = shipped(stack, 4250), shipped(stack, 1000)
    for event in (first, second):
        assert loyalty.wait_for_deliveries(beside, event.id_for(event.key), 1) == ["first"]
    publish(stack, "ShippingScheduled", first.detail())
    assert sorted(loyalty.wait_for_deliveries(beside, first.id_for(first.key), 2)) == ["duplicate", "first"]
    assert loyalty.points_of(beside, CUSTOMER) == 42 + 10


def test_a_rule_that_went_with_the_bus_is_made_again_by_the_next_deployment(stack: Stack, beside: Stack) -> None:
    events, bus = stack.client("events"), stack.output("EventBusName")
    (rule,) = (
        rule["Name"]
        for rule in events.list_rules(EventBusName=bus)["Rules"]
        if rule["Name"].startswith(f"{beside.target.stack_name}-")
    )
    targets = events.list_targets_by_rule(Rule=rule, EventBusName=bus)["Targets"]
    events.remove_targets(Rule=rule, EventBusName=bus, Ids=[target["Id"] for target in targets])
    events.delete_rule(Name=rule, EventBusName=bus)
    again = loyalty.deploy(stack)
    event = shipped(stack, 1000)
    assert loyalty.wait_for_deliveries(again, event.id_for(event.key), 1) == ["first"]


def test_what_it_cannot_process_lands_in_its_own_dead_letter_queue(stack: Stack, beside: Stack) -> None:
    publish(stack, "ShippingScheduled", '{"orderId": "of no event id"}')
    queue = beside.client("sqs")
    received = queue.receive_message(QueueUrl=beside.output("DeadLetterQueueUrl"), WaitTimeSeconds=20)
    (letter,) = received["Messages"]
    assert "of no event id" in letter["Body"]
