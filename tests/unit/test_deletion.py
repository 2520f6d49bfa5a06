"""A stack that cannot be deleted: which resource keeps it, and why, in one line."""

from typing import Any

import pytest
from botocore.client import BaseClient

from tools.base.problem import ProblemError
from tools.base.target import Target
from tools.deploying import readiness
from tools.deploying.deletion import delete_stack
from tools.deploying.readiness import make_ready

TARGET = Target(stage="dev", endpoint=None, region="us-east-1", stack_name="order-saga-dev")
ID = "arn:aws:cloudformation:us-east-1:123456789012:stack/order-saga-dev/1"


def event(logical_id: str, status: str, reason: str = "", physical_id: str = "other") -> dict[str, str]:
    return {
        "LogicalResourceId": logical_id,
        "PhysicalResourceId": physical_id,
        "ResourceStatus": status,
        "ResourceStatusReason": reason,
    }


EVENTS = [
    event("order-saga-dev", "DELETE_FAILED", "The following resource(s) failed to delete: [EventBus].", ID),
    event("EventBus", "DELETE_FAILED", "Cannot delete event bus\n since rules are still attached"),
    event("Queue", "DELETE_COMPLETE"),
    event("order-saga-dev", "DELETE_IN_PROGRESS", "User Initiated", ID),
    event("OrdersTable", "DELETE_FAILED", "mended since then"),
]
"""Newest first, as CloudFormation lists them; the last is of an earlier try."""


def aws(state: str) -> Any:
    def call(_: BaseClient, operation: str, __: dict[str, Any]) -> Any:
        return {
            "DescribeStacks": {"Stacks": [{"StackId": ID, "StackStatus": state}]},
            "DeleteStack": {},
            "DescribeStackEvents": {"StackEvents": EVENTS},
        }[operation]

    return call


def test_it_names_what_could_not_be_deleted_this_time_and_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(BaseClient, "_make_api_call", aws("DELETE_FAILED"))
    with pytest.raises(ProblemError) as problem:
        delete_stack(TARGET)
    assert str(problem.value) == (
        "order-saga-dev was not deleted: EventBus: Cannot delete event bus since rules are still attached. "
        "Fix that, then run the same command again"
    )


@pytest.mark.parametrize("state", ["ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED"])
def test_a_stack_whose_creation_failed_is_deleted_before_it_is_deployed(
    state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    deleted: list[Target] = []
    monkeypatch.setattr(BaseClient, "_make_api_call", aws(state))
    monkeypatch.setattr(readiness, "delete_stack", deleted.append)
    make_ready(TARGET)
    assert deleted == [TARGET]


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("DELETE_FAILED", "run `make destroy STAGE=dev CONFIRM=order-saga-dev` again: it says what cannot be deleted"),
        ("UPDATE_ROLLBACK_FAILED", "fix what .* name, then run `aws cloudformation continue-update-rollback "),
        ("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "wait until that is complete"),
        ("DELETE_IN_PROGRESS", "wait until that is complete"),
    ],
)
def test_a_state_that_no_deployment_gets_a_stack_out_of_is_said_with_what_does(
    state: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(BaseClient, "_make_api_call", aws(state))
    with pytest.raises(ProblemError, match=f"^the stack order-saga-dev is {state}: {said}"):
        make_ready(TARGET)


@pytest.mark.parametrize("state", ["CREATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "REVIEW_IN_PROGRESS"])
def test_any_other_stack_is_left_as_it_is(state: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(BaseClient, "_make_api_call", aws(state))
    monkeypatch.setattr(readiness, "delete_stack", lambda _target: pytest.fail("a stack was deleted"))
    make_ready(TARGET)
