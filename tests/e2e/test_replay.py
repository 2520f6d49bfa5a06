"""A replay of the bus's archive on the deployed stack."""

from datetime import timedelta

import pytest

from saga.clock import now
from tools.base.stack import Stack
from tools.base.waiting import wait_for
from tools.emulator.adapter import Feature
from tools.operating.following import follow
from tools.operating.logs import LogGroup
from tools.operating.replay import replay, rules_of
from tools.shop import api, stock
from tools.shop.triggers import TRIGGERS


@pytest.mark.needs(Feature.REPLAY)
def test_a_replay_brings_each_event_once_more_and_changes_nothing(stack: Stack) -> None:
    stock.shelves(stack).put_item(Item={"sku": "BOOK", "available": 5})
    begun = now() - timedelta(seconds=1)
    order_id = api.place(stack, TRIGGERS["happy"].body).json()["orderId"]
    record = follow(order_id, stack)
    assert replay(stack, begun, now() + timedelta(seconds=1)) == "COMPLETED"

    def replayed() -> set[tuple[str, str]]:
        lines = LogGroup(stack).lines_of(order_id, record)
        # The order is further along: only its last step finds that it did the same before.
        return {(line["consumed"], line["delivery"]) for line in lines if line.get("replay")}

    expected = {("OrderCreated", "stale"), ("InventoryReserved", "stale"), ("PaymentCharged", "duplicate")}
    wait_for(lambda: replayed() == expected, seconds=20)
    assert replayed() == expected
    assert stack.records.get_item(Key={"orderId": order_id}, ConsistentRead=True)["Item"] == record


def test_a_replay_goes_to_the_rules_of_this_stack_alone(stack: Stack) -> None:
    events, bus = stack.client("events"), stack.output("EventBusName")
    events.put_rule(Name="another-teams", EventBusName=bus, EventPattern='{"source": ["order-saga"]}')
    try:
        listed = events.list_rules(EventBusName=bus)["Rules"]
        # An archive has a rule of its own, on AWS and in LocalStack.
        names = [rule["Name"] for rule in listed if "ManagedBy" not in rule and "Archive" not in rule["Name"]]
        ours = rules_of(stack)
    finally:
        events.delete_rule(Name="another-teams", EventBusName=bus)
    assert "another-teams" in names
    assert sorted(arn.rpartition("/")[2] for arn in ours) == sorted(set(names) - {"another-teams"})
    assert len(ours) == 6
