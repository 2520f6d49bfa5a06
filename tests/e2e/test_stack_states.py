"""A stack whose creation failed, or that has a change set and nothing else, is no dead end."""

import json
from collections.abc import Iterator
from uuid import uuid4

import pytest

from tools.base.problem import ProblemError
from tools.base.stack import Stack
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
    name = f"order-saga-{request.node.callspec.params['state'].lower().replace('_', '-')}"
    mine = stack.target.model_copy(update={"stack_name": name})
    yield mine
    if Stack.find(mine):
        take_down(mine, name)


def bring_into(state: str, target: Target) -> None:
    """Leave the stack in a state in which a deployment may leave it."""
    cloudformation = target.client("cloudformation")
    if state == "ROLLBACK_COMPLETE":
        cloudformation.create_stack(StackName=target.stack_name, TemplateBody=FAILS)
        wait_for(lambda: "IN_PROGRESS" not in str(Stack.find(target)), seconds=30)
    else:
        # Named otherwise each time: the emulator keeps the change sets of a deleted stack.
        name = f"begun-{uuid4().hex}"
        cloudformation.create_change_set(
            StackName=target.stack_name, ChangeSetName=name, ChangeSetType="CREATE", TemplateBody=FAILS
        )
    found = Stack.find(target)
    assert found
    # LocalStack does not roll back what CreateStack made.
    assert found.state in ({state, "CREATE_FAILED"} if state == "ROLLBACK_COMPLETE" else {state})


@pytest.mark.slow
@pytest.mark.parametrize("state", ["ROLLBACK_COMPLETE", "REVIEW_IN_PROGRESS"])
def test_a_new_deployment_recovers_from(state: str, broken: Target) -> None:
    bring_into(state, broken)
    with pytest.raises(ProblemError, match=rf"^the stack {broken.stack_name} is [A-Z_]+ and has no outputs: run"):
        Stack.of(broken)
    deploy(broken)
    assert Stack.of(broken).state == "CREATE_COMPLETE"


@pytest.mark.parametrize("state", ["ROLLBACK_COMPLETE", "REVIEW_IN_PROGRESS"])
def test_it_can_be_destroyed_from(state: str, broken: Target) -> None:
    bring_into(state, broken)
    take_down(broken, broken.stack_name)
    assert Stack.find(broken) is None
