"""A parameter that is deployed with another value is in force: what events reach works by the new value."""

from collections.abc import Callable

import pytest

from tests.contract.template import DEPLOYED_ALWAYS
from tools.base.stack import Stack
from tools.base.target import Target
from tools.deploying.deploy import deploy
from tools.emulator.adapter import Feature

pytestmark = pytest.mark.slow

READ_AS = {"DeadlineSeconds": "DEADLINE_SECONDS", "RecoverAfterSeconds": "RECOVER_AFTER_SECONDS"}


def test_a_changed_parameter_reaches_the_functions_at_once_without_versions(beside: Callable[[str], Target]) -> None:
    target = beside("plain")
    deploy(target)
    assert in_force(Stack.of(target)) == {("900", "60")}
    deploy(target, DeadlineSeconds="600", RecoverAfterSeconds="30")
    assert in_force(Stack.of(target)) == {("600", "30")}
    # Nobody says otherwise, so it stays.
    deploy(target)
    assert in_force(Stack.of(target)) == {("600", "30")}


@pytest.mark.needs(Feature.ALIASES)
def test_a_changed_parameter_reaches_the_functions_through_their_alias_as_on_aws(
    beside: Callable[[str], Target],
) -> None:
    target = beside("alias")
    deploy(target, SnapStart="on", PythonRuntime="python3.13")
    first = Stack.of(target)
    assert in_force(first) == {("900", "60")}
    before = versions(first)
    deploy(target, DeadlineSeconds="600", PythonRuntime="python3.13")
    assert in_force(Stack.of(target)) == {("600", "60")}
    assert before.keys() == set(DEPLOYED_ALWAYS)
    after = versions(first)
    assert [name for name in DEPLOYED_ALWAYS if after[name] == before[name]] == []
    # The same once more is no new version.
    deploy(target, PythonRuntime="python3.13")
    assert versions(first) == after


def in_force(stack: Stack) -> set[tuple[str, ...]]:
    """Return the values that functions run with, of those that the stack's rules call; one if all agree."""
    events, functions = stack.client("events"), stack.client("lambda")
    bus = stack.output("EventBusName")
    targets = [
        target["Arn"]
        for rule in events.list_rules(EventBusName=bus)["Rules"]
        for target in events.list_targets_by_rule(EventBusName=bus, Rule=rule["Name"])["Targets"]
        # LocalStack lists the rule of the archive as well, whose target is the archive.
        if ":lambda:" in target["Arn"]
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
