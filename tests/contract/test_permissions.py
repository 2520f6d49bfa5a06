"""The functions' roles against the code: nobody may publish what it does not emit."""

from typing import Any

import pytest

from tests.contract.template import FUNCTIONS, RESOURCES
from tests.unit.stories import EMITTED_BY, HEARD_BY

MAY_PUBLISH = {
    function: {event for event, emitter in EMITTED_BY.items() if emitter == function} for function in FUNCTIONS
} | {"RecoverOrders": set(HEARD_BY)}


def statements(function: str) -> list[dict[str, Any]]:
    (role, _) = FUNCTIONS[function]["Role"]["Fn::GetAtt"]
    policies = RESOURCES[role]["Properties"]["Policies"]
    return [statement for policy in policies for statement in policy["PolicyDocument"]["Statement"]]


def actions(statement: dict[str, Any]) -> set[str]:
    action = statement["Action"]
    return {action} if isinstance(action, str) else set(action)


@pytest.mark.parametrize("function", sorted(FUNCTIONS))
def test_a_function_may_publish_what_it_emits_and_nothing_else(function: str) -> None:
    may = [statement for statement in statements(function) if "events:PutEvents" in actions(statement)]
    conditions = [statement["Condition"]["ForAllValues:StringEquals"] for statement in may]
    assert {event for condition in conditions for event in condition["events:detail-type"]} == MAY_PUBLISH[function]
    assert all(condition["events:source"] == ["order-saga"] for condition in conditions)
    assert all(statement["Resource"] == {"Fn::GetAtt": ["EventBus", "Arn"]} for statement in may)


def test_recovery_may_write_nothing() -> None:
    allowed = set().union(*map(actions, statements("RecoverOrders")))
    assert allowed == {"dynamodb:Query", "dynamodb:BatchGetItem", "events:PutEvents"}


@pytest.mark.parametrize("function", sorted(FUNCTIONS))
def test_a_function_may_do_nothing_by_wildcard(function: str) -> None:
    allowed = set().union(*map(actions, statements(function)))
    assert [action for action in allowed if "*" in action] == []
    assert [statement for statement in statements(function) if statement["Resource"] == "*"] == []
