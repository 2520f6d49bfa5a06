"""A stack whose creation failed, or that has a change set and nothing else, is no dead end."""

import json
from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest

from tools.base.problem import ProblemError
from tools.base.stack import NEVER_MADE, ONLY_A_CHANGE_SET, Stack
from tools.base.target import Target
from tools.base.waiting import wait_for
from tools.deploying.deploy import deploy
from tools.deploying.tear_down import take_down

FAILS = json.dumps(
    {
        "Resources": {
            "Queue": {"Type": "AWS::SQS::Queue"},
            "Function": {
                "Type": "AWS::Lambda::Function",
                "DependsOn": "Queue",
                "Properties": {
                    "Runtime": "python3.13",
                    "Handler": "index.handler",
                    "Role": "arn:aws:iam::000000000000:role/nobody",
                    "Code": {"ZipFile": "def handler(*_): pass"},
                    "Layers": ["arn:aws:lambda:us-east-1:000000000000:layer:no-such-layer:1"],
                },
            },
        }
    }
)
"""A template of which one resource is made, and the other cannot be."""


@pytest.fixture
def broken(stack: Stack, request: pytest.FixtureRequest) -> Iterator[Target]:
    """A place for a stack that fails, which is deleted after the test."""
    name = f"order-saga-{request.node.callspec.id}"
    mine = stack.target.model_copy(update={"stack_name": name})
    yield mine
    if Stack.find(mine):
        take_down(mine, name)


def fail_to_create(target: Target) -> str:
    """Leave the stack as a creation that failed leaves it, and return its state, which differs by backend."""
    target.client("cloudformation").create_stack(StackName=target.stack_name, TemplateBody=FAILS)
    state = wait_for(lambda: settled(target), seconds=30)
    assert state in NEVER_MADE
    return state


def only_begin(target: Target) -> str:
    """Leave the stack as a deployment leaves it that was stopped before it began, and return its state."""
    # Named otherwise each time: the emulator keeps the change sets of a deleted stack.
    name = f"begun-{uuid4().hex}"
    target.client("cloudformation").create_change_set(
        StackName=target.stack_name, ChangeSetName=name, ChangeSetType="CREATE", TemplateBody=FAILS
    )
    found = Stack.find(target)
    assert found
    assert found.state == ONLY_A_CHANGE_SET
    return found.state


def settled(target: Target) -> str:
    """Return the stack's state, once nothing is under way."""
    found = Stack.find(target)
    return found.state if found and not found.state.endswith("_IN_PROGRESS") else ""


BringDown = Callable[[Target], str]
WAYS = [pytest.param(fail_to_create, id="never-made"), pytest.param(only_begin, id="begun")]


@pytest.mark.parametrize("bring_down", WAYS)
def test_a_new_deployment_recovers(bring_down: BringDown, broken: Target) -> None:
    state = bring_down(broken)
    with pytest.raises(ProblemError, match=rf"^the stack {broken.stack_name} is {state} and has no outputs: run"):
        Stack.of(broken)
    deploy(broken)
    assert Stack.of(broken).state == "CREATE_COMPLETE"


@pytest.mark.parametrize("bring_down", WAYS)
def test_it_can_be_destroyed(bring_down: BringDown, broken: Target) -> None:
    bring_down(broken)
    take_down(broken, broken.stack_name)
    assert Stack.find(broken) is None
