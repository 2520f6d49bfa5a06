"""Deletes a stack, and says which resource keeps it if it cannot be deleted."""

from contextlib import suppress

from botocore.exceptions import WaiterError

from tools.base.problem import ProblemError
from tools.base.target import Target

ATTEMPTS = 2


def delete_stack(target: Target) -> None:
    """Delete the stack and wait for it, twice if need be: what kept it the first time is often gone by then.

    Raises `ProblemError` naming what could not be deleted, and why.
    """
    cloudformation = target.client("cloudformation")
    # By its id: a deleted stack is found by nothing else.
    (stack,) = cloudformation.describe_stacks(StackName=target.stack_name)["Stacks"]
    for _ in range(ATTEMPTS):
        cloudformation.delete_stack(StackName=target.stack_name)
        with suppress(WaiterError):
            cloudformation.get_waiter("stack_delete_complete").wait(
                StackName=stack["StackId"], WaiterConfig={"Delay": 1 if target.endpoint else 10, "MaxAttempts": 180}
            )
            return
    kept = "; ".join(_kept(target, stack["StackId"])) or "see its events in CloudFormation"
    raise ProblemError(f"{target.stack_name} was not deleted: {kept}. Fix that, then run the same command again")


def _kept(target: Target, stack_id: str) -> list[str]:
    """Return the resources that could not be deleted just now, each with CloudFormation's reason."""
    pages = target.client("cloudformation").get_paginator("describe_stack_events").paginate(StackName=stack_id)
    kept = []
    for event in (event for page in pages for event in page["StackEvents"]):
        status, is_stack = event.get("ResourceStatus"), event.get("PhysicalResourceId") == stack_id
        if is_stack and status == "DELETE_IN_PROGRESS":
            break  # newest first: older ones are of an earlier try
        if not is_stack and status == "DELETE_FAILED":
            kept.append(f"{event['LogicalResourceId']}: {' '.join(event.get('ResourceStatusReason', '').split())}")
    return kept
