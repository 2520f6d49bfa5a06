"""Who may do what: every function against every action on every table, queue and event, allowed or denied."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.session import Session
from pydantic.alias_generators import to_camel

from contract.events import OrderEvent
from orders.cancel_order import CANCELLATION
from saga.clock import now
from saga.marks import update
from saga.record import SHARD
from tests.contract.policies import may, statements
from tests.contract.template import FUNCTIONS
from tests.proven import PROVEN
from tests.unit.stories import CONSUMED_BY, PUBLISHED_BY
from tools.base.transitions import EVENTS

Record = Callable[[str, int], None]

STEP = {
    ("dynamodb:GetItem", "OrdersTable"),
    ("dynamodb:UpdateItem", "OrdersTable"),
    ("sqs:SendMessage", "DeadLetterQueue"),
}
SHELF = {("dynamodb:UpdateItem", "InventoryTable")}
MAY_DO = {
    "CreateOrder": {("dynamodb:PutItem", "OrdersTable"), ("dynamodb:ConditionCheckItem", "OrdersTable")},
    "GetOrder": {("dynamodb:GetItem", "OrdersTable")},
    "CancelOrder": {("dynamodb:GetItem", "OrdersTable"), ("dynamodb:UpdateItem", "OrdersTable")},
    "ReceivePaymentHint": {("dynamodb:GetItem", "OrdersTable")},
    "RecoverOrders": {("dynamodb:Query", "OrdersTable/index/InFlight"), ("dynamodb:BatchGetItem", "OrdersTable")},
    "ReserveInventory": STEP | SHELF,
    "ReleaseInventory": STEP | SHELF,
}
MAY_PUBLISH = {
    function: {event for event, publishers in PUBLISHED_BY.items() if function in publishers} for function in FUNCTIONS
} | {"RecoverOrders": set(CONSUMED_BY), "ReceivePaymentHint": {"PaymentPending"}}
RESOURCES = {
    "dynamodb": ["OrdersTable", "OrdersTable/index/InFlight", "InventoryTable"],
    "sqs": ["DeadLetterQueue"],
}
ACTIONS = {
    service: [f"{service}:{operation}" for operation in Session().get_service_model(service).operation_names]
    for service in RESOURCES
}
# An action without an operation of its own: it is part of a transaction.
ACTIONS["dynamodb"].append("dynamodb:ConditionCheckItem")


@pytest.mark.parametrize("function", sorted(FUNCTIONS))
def test_a_function_may_touch_what_it_needs_and_nothing_else(function: str, record_property: Record) -> None:
    asked = [
        (action, resource) for service in RESOURCES for action in ACTIONS[service] for resource in RESOURCES[service]
    ]
    assert {(action, resource) for action, resource in asked if may(function, action, resource)} == MAY_DO.get(
        function, STEP
    )
    record_property(f"{PROVEN}questions of who may touch what", len(asked))


@pytest.mark.parametrize("function", sorted(FUNCTIONS))
def test_a_function_may_publish_what_it_publishes_and_nothing_else(function: str, record_property: Record) -> None:
    sources, buses = ["order-saga", "aws.ec2", "somebody-else"], ["EventBus", "default"]
    asked = [(event, source, bus) for event in [*EVENTS, "Other"] for source in sources for bus in buses]
    allowed = {
        (event, source, bus)
        for event, source, bus in asked
        if may(function, "events:PutEvents", bus, {"events:detail-type": {event}, "events:source": {source}})
    }
    assert allowed == {(event, "order-saga", "EventBus") for event in MAY_PUBLISH[function]}
    record_property(f"{PROVEN}questions of who may say what", len(asked))


@pytest.mark.parametrize("function", sorted(FUNCTIONS))
def test_one_foreign_event_among_its_own_is_refused(function: str) -> None:
    for foreign in set(EVENTS) - MAY_PUBLISH[function]:
        together = {"events:detail-type": {*MAY_PUBLISH[function], foreign}, "events:source": {"order-saga"}}
        assert not may(function, "events:PutEvents", "EventBus", together)


def test_the_function_that_cancels_may_touch_what_its_mark_needs_and_nothing_else_of_an_order() -> None:
    request: Any = update(CANCELLATION, "orders", "an-order", OrderEvent, now())
    named = {*request["Key"], *request["ExpressionAttributeNames"].values()}
    assert may("CancelOrder", "dynamodb:UpdateItem", "OrdersTable", {"dynamodb:Attributes": named})
    others = {to_camel(name) for event in EVENTS.values() for name in event.model_fields} | {"held", "history", SHARD}
    for other in others - named:
        together = {"dynamodb:Attributes": named | {other}}
        assert not may("CancelOrder", "dynamodb:UpdateItem", "OrdersTable", together), other


@pytest.mark.parametrize("function", sorted(FUNCTIONS))
def test_the_only_wildcard_is_for_traces_which_have_no_resource(function: str) -> None:
    wide = [
        statement for statement in statements(function) if "*" in str(statement["Action"]) + str(statement["Resource"])
    ]
    assert [statement["Action"] for statement in wide] == [["xray:PutTraceSegments", "xray:PutTelemetryRecords"]]
