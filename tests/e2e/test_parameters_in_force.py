"""A parameter that is deployed with another value is in force: what events reach works by the new value."""

from collections.abc import Callable

import pytest

from tests.contract.template import DEPLOYED_ALWAYS
from tools.base.stack import Stack
from tools.base.target import Target
from tools.base.waiting import wait_for
from tools.deploying.deploy import deploy
from tools.emulator.adapter import Feature

READ_AS = {"DeadlineSeconds": "DEADLINE_SECONDS", "RecoverAfterSeconds": "RECOVER_AFTER_SECONDS"}


def test_a_changed_parameter_reaches_the_functions_at_once_without_versions(beside: Callable[[str], Target]) -> None:
    target = beside("plain")
    deploy(target)
    assert soon_in_force(Stack.of(target), {("900", "60")}) == {("900", "60")}
    deploy(target, DeadlineSeconds="600", RecoverAfterSeconds="30")
    assert soon_in_force(Stack.of(target), {("600", "30")}) == {("600", "30")}
    # Nobody says otherwise, so it stays.
    deploy(target)
    assert soon_in_force(Stack.of(target), {("600", "30")}) == {("600", "30")}


@pytest.mark.needs(Feature.ALIASES)
def test_a_changed_parameter_reaches_the_functions_through_their_alias_as_on_aws(
    beside: Callable[[str], Target],
) -> None:
    target = beside("alias")
    deploy(target, SnapStart="on", PythonRuntime="python3.13")
    first = Stack.of(target)
    assert soon_in_force(first, {("900", "60")}) == {("900", "60")}
    before = versions(first)
    deploy(target, DeadlineSeconds="600", PythonRuntime="python3.13")
    assert soon_in_force(Stack.of(target), {("600", "60")}) == {("600", "60")}
    assert before.keys() == set(DEPLOYED_ALWAYS)
    after = versions(first)
    assert [name for name in DEPLOYED_ALWAYS if after[name] == before[name]] == []
    # The same once more is no new version.
    deploy(target, PythonRuntime="python3.13")
    assert versions(first) == after


def soon_in_force(stack: Stack, wanted: set[tuple[str, ...]]) -> set[tuple[str, ...]]:
    """Return the values in force once they are those that are wanted; after a while, whatever they are.

    On a busy machine the alias was once seen at the old value right after a deployment to the emulator.
    """
    wait_for(lambda: in_force(stack) == wanted, seconds=30, every=0.5)
    return in_force(stack)


def in_force(stack: Stack) -> set[tuple[str, ...]]:
    """Return the values that functions run with, of those that the stack's rules call; one if all agree."""
    events, functions = stack.client("events"), stack.client("lambda")
    bus = stack.output("EventBusName")
    targets = [
        target["Arn"]
        for rule in events.list_rules(EventBusName=bus)["Rules"]
        for target in events.list_targets_by_rule(EventBusName=bus, Rule=rule["Name"])["Targets"]
    ]
    assert targets
    # The ARN is what is called: it ends with the alias where there is one.
    called = [functions.get_function_configuration(FunctionName=arn)["Environment"]["Variables"] for arn in targets]
    return {tuple(variables[name] for name in READ_AS.values()) for variables in called}


def versions(stack: Stack) -> dict[str, str]:
    """Return the version of each function that its alias leads to."""
    client = stack.client("lambda")
    return {
        function: client.get_alias(FunctionName=stack.physical_id(function), Name="live")["FunctionVersion"]
        for function in DEPLOYED_ALWAYS
    }
