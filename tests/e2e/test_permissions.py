"""The functions' roles on the deployed stack, whose emulator enforces them."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.e2e.letters import arrived, letters_of
from tools.base.stack import Stack
from tools.base.waiting import wait_for
from tools.emulator.adapter import Feature
from tools.operating.dead_letters import DeadLetterQueue, Fate, Selection
from tools.operating.following import follow
from tools.shop import api, stock
from tools.shop.triggers import TRIGGERS

pytestmark = pytest.mark.needs(Feature.IAM)

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient


@contextmanager
def without(stack: Stack, function: str, action: str) -> Iterator[None]:
    """Take an action out of a function's rights for a while: out of its role's own, or out of those of all steps."""
    iam = stack.client("iam")
    role = stack.physical_id(f"{function}Role")
    own: Any = iam.get_role_policy(RoleName=role, PolicyName="own")["PolicyDocument"]
    step_policy, of_steps = attached(iam, role, stack.physical_id("StepPolicy"))
    rights = [*own["Statement"], *of_steps]
    left = [statement for statement in (narrowed(statement, action) for statement in rights) if statement["Action"]]
    assert left != rights
    iam.put_role_policy(RoleName=role, PolicyName="own", PolicyDocument=json.dumps({**own, "Statement": left}))
    iam.detach_role_policy(RoleName=role, PolicyArn=step_policy)
    try:
        yield
    finally:
        iam.attach_role_policy(RoleName=role, PolicyArn=step_policy)
        iam.put_role_policy(RoleName=role, PolicyName="own", PolicyDocument=json.dumps(own))


def attached(iam: "IAMClient", role: str, policy: str) -> tuple[str, list[Any]]:
    """Return the ARN and the statements of a managed policy that is attached to a role."""
    (arn,) = {
        found["PolicyArn"]
        for found in iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]
        if policy in (found["PolicyArn"], found["PolicyName"])
    }
    version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    document: Any = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
    return arn, document["Statement"]


def narrowed(statement: dict[str, Any], action: str) -> dict[str, Any]:
    """Return a statement less one of its actions."""
    actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
    return statement if action not in actions else {**statement, "Action": [each for each in actions if each != action]}


@pytest.mark.slow
def test_without_its_right_to_write_a_step_stops_and_its_event_is_a_dead_letter(stack: Stack) -> None:
    stock.shelves(stack).put_item(Item={"sku": "BOOK", "available": 5})
    queue = DeadLetterQueue(stack)
    with without(stack, "NotifyShipping", "dynamodb:UpdateItem"):
        order_id = api.place(stack, TRIGGERS["happy"].body).json()["orderId"]
        letters = arrived(order_id, queue)
        assert api.get(stack, order_id)["status"] == "PAYMENT_CHARGED"
    assert {letter.detail_type for letter in letters} == {"PaymentCharged"}
    assert "AccessDenied" in letters[0].reason
    assert {fate for _, fate in queue.redrive(Selection(order_id))} == {Fate.AGAIN}
    assert follow(order_id, stack)["status"] == "SHIPPING_SCHEDULED"


def test_without_its_right_to_publish_a_step_has_written_and_its_event_is_a_dead_letter(stack: Stack) -> None:
    queue = DeadLetterQueue(stack)
    with without(stack, "ReserveInventory", "events:PutEvents"):
        order_id = api.place(stack, TRIGGERS["out-of-stock"].body).json()["orderId"]
        letters = arrived(order_id, queue)
        assert api.get(stack, order_id)["status"] == "INVENTORY_FAILED"
    assert {letter.detail_type for letter in letters} == {"OrderCreated"}
    assert "AccessDenied" in letters[0].reason
    assert [fate for _, fate in queue.redrive(Selection(order_id))] == [Fate.AGAIN]
    assert wait_for(lambda: not letters_of(order_id, queue), seconds=30)


def test_the_function_that_cancels_may_set_a_mark_and_neither_store_nor_publish(stack: Stack) -> None:
    iam = stack.client("iam")
    role = iam.get_role(RoleName=stack.physical_id("CancelOrderRole"))["Role"]["Arn"]
    taken = stack.client("sts").assume_role(RoleArn=role, RoleSessionName="somebody")["Credentials"]
    session = boto3.Session(
        taken["AccessKeyId"], taken["SecretAccessKey"], taken["SessionToken"], region_name=stack.target.region
    )
    order_id = api.place(stack, TRIGGERS["out-of-stock"].body).json()["orderId"]
    assert follow(order_id, stack)["status"] == "INVENTORY_FAILED"
    table = session.resource("dynamodb", endpoint_url=stack.target.endpoint).Table(stack.output("OrdersTableName"))
    table.update_item(
        Key={"orderId": order_id}, UpdateExpression="SET marks = :none", ExpressionAttributeValues={":none": []}
    )
    for forbidden in (
        lambda: table.put_item(Item={"orderId": order_id}),
        lambda: table.delete_item(Key={"orderId": order_id}),
        lambda: session.client("events", endpoint_url=stack.target.endpoint).put_events(
            Entries=[{"EventBusName": stack.output("EventBusName"), "Source": "s", "DetailType": "t", "Detail": "{}"}]
        ),
    ):
        with pytest.raises(ClientError, match="AccessDenied"):
            forbidden()
