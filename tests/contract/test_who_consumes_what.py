"""The template's rules against the code and the contract: who consumes what, and who publishes it."""

from importlib import import_module
from typing import Any

import pytest

from saga.step import Step
from tests.contract.template import FUNCTIONS, RULES, STEPS
from tests.unit.stories import CONSUMED_BY, FIELDS, FINAL, PUBLISHED_BY, STATUS
from tools.base.transitions import EVENTS, TERMINAL


def handler_of(function: str) -> Any:
    module, name = FUNCTIONS[function]["Handler"].rsplit(".", 1)
    return getattr(import_module(module), name)


def test_every_event_is_consumed_by_exactly_whom_the_contract_says_or_is_terminal() -> None:
    consumed = sorted((event, function) for function, rule in RULES for event in rule["Pattern"]["detail-type"])
    assert consumed == sorted(CONSUMED_BY.items())
    assert set(FIELDS) - set(CONSUMED_BY) == FINAL
    assert {STATUS[event] for event in FINAL} == TERMINAL


def test_no_rule_waits_for_an_event_that_is_never_published() -> None:
    assert {event for _, rule in RULES for event in rule["Pattern"]["detail-type"]} <= EVENTS.keys()


@pytest.mark.parametrize("function", STEPS)
def test_a_step_consumes_what_its_rules_bring_and_nothing_else(function: str) -> None:
    step = handler_of(function)
    assert isinstance(step, Step)
    brought = [event for listener, rule in RULES if listener == function for event in rule["Pattern"]["detail-type"]]
    assert sorted(event.detail_type for event in step.consumes) == sorted(brought)


def test_every_event_is_published_by_whom_the_contract_says() -> None:
    published = {(event.detail_type, function) for function in STEPS for event in handler_of(function).publishes}
    assert {*published, ("OrderCreated", "CreateOrder")} == {
        (event, function) for event, functions in PUBLISHED_BY.items() for function in functions
    }


def test_what_a_step_publishes_may_follow_what_it_consumes() -> None:
    steps = [handler_of(function) for function in STEPS]
    for event in filter(None, (event if event.follows else None for event in EVENTS.values())):
        publishers = [step for step in steps if event in step.publishes]
        assert set(event.follows) == {each for step in publishers for each in step.consumes if each in event.follows}
        assert all(set(event.follows) & set(step.consumes) for step in publishers)


@pytest.mark.parametrize(("function", "rule"), RULES, ids=[function for function, _ in RULES])
def test_a_rule_listens_on_the_stacks_bus_to_the_saga_alone(function: str, rule: dict[str, Any]) -> None:
    assert rule["EventBusName"] == {"Ref": "EventBus"}, function
    assert rule["Pattern"].keys() == {"source", "detail-type"}
    assert rule["Pattern"]["source"] == ["order-saga"]


@pytest.mark.parametrize(("function", "rule"), RULES, ids=[function for function, _ in RULES])
def test_a_delivery_that_fails_is_retried_and_then_kept(function: str, rule: dict[str, Any]) -> None:
    assert rule["RetryPolicy"]["MaximumRetryAttempts"] > 0, function
    assert rule["RetryPolicy"]["MaximumEventAgeInSeconds"] > 0
    assert rule["DeadLetterConfig"] == {"Arn": {"Fn::GetAtt": ["DeadLetterQueue", "Arn"]}}


@pytest.mark.parametrize("function", STEPS)
def test_a_run_that_fails_is_retried_and_then_kept(function: str) -> None:
    asynchronous = FUNCTIONS[function]["EventInvokeConfig"]
    # Lambda makes two retries if it is not told otherwise.
    assert asynchronous.get("MaximumRetryAttempts", 2) > 0
    assert asynchronous["DestinationConfig"]["OnFailure"] == {
        "Type": "SQS",
        "Destination": {"Fn::GetAtt": ["DeadLetterQueue", "Arn"]},
    }
