"""A stack is protected, and taken down with all that it holds."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tools.base.problem import ProblemError
from tools.base.stack import Stack
from tools.base.target import Target
from tools.deploying.deploy import deploy
from tools.deploying.protect import protect, stack_policy
from tools.deploying.tear_down import SAM_STACK, take_down
from tools.emulator.adapter import Feature
from tools.operating.watch.tap import Bus, Tap


def client(stack: Stack, service: Any) -> Any:
    return stack.client(service)


def uploads(stack: Stack) -> list[str]:
    """Return what lies in SAM's bucket for this stack."""
    described = client(stack, "cloudformation").describe_stacks(StackName=SAM_STACK)["Stacks"][0]
    (bucket,) = [out["OutputValue"] for out in described["Outputs"] if out["OutputKey"] == "SourceBucket"]
    found = client(stack, "s3").list_objects_v2(Bucket=bucket, Prefix=f"{stack.target.stack_name}/")
    return [each["Key"] for each in found.get("Contents", [])]


def left(stack: Stack) -> list[str]:
    """Return the names of what the stack still has."""
    tables = client(stack, "dynamodb").list_tables()["TableNames"]
    functions = [each["FunctionName"] for each in client(stack, "lambda").list_functions()["Functions"]]
    buses = [each["Name"] for each in client(stack, "events").list_event_buses()["EventBuses"]]
    queues = [url.rpartition("/")[2] for url in client(stack, "sqs").list_queues().get("QueueUrls", [])]
    names = [*tables, *functions, *buses, *queues]
    return [name for name in names if name.startswith(f"{stack.target.stack_name}-")]


def as_it_is(target: Target) -> None:
    """Leave a stack as `make deploy` leaves it where it is not prod."""
    assert not target.is_production


def as_in_prod(target: Target) -> None:
    """Protect a stack."""
    protect(target)
    policy = target.client("cloudformation").get_stack_policy(StackName=target.stack_name)["StackPolicyBody"]
    assert json.loads(policy) == stack_policy()


@pytest.mark.parametrize(
    "left_as", [as_it_is, pytest.param(as_in_prod, marks=[pytest.mark.needs(Feature.STACK_POLICY), pytest.mark.slow])]
)
def test_a_stack_goes_with_all_that_it_holds_once_its_name_is_said(
    stack: Stack, beside: Callable[[str], Target], left_as: Callable[[Target], None]
) -> None:
    target = beside("doomed")
    deploy(target)
    doomed = Stack.of(target)
    left_as(target)
    Tap(Bus.of(doomed)).open(json.dumps({"source": ["order-saga"]}))
    assert len(left(doomed)) >= 11
    assert uploads(doomed)

    take_down(doomed.target, doomed.target.stack_name)

    assert left(doomed) == []
    assert uploads(doomed) == []
    with pytest.raises(ProblemError, match=r"is not deployed at .*: run `make deploy`"):
        Stack.of(doomed.target)
    assert len(left(stack)) >= 11, "the other stack went with it"
