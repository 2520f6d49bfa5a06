"""Protects prod from accidental deletion: the stack, and each of its resources that holds data."""

import json
from contextlib import suppress
from typing import Any

from tools.base.target import Target
from tools.base.template import Template

HOLD_DATA = ("AWS::DynamoDB::Table", "AWS::SQS::Queue", "AWS::Events::EventBus", "AWS::Logs::LogGroup")
"""The types of what an update may change, but neither replace nor delete."""


def protect(target: Target) -> None:
    """Switch on termination protection, and set the stack policy. Raises `ProblemError` if AWS refuses."""
    cloudformation = target.client("cloudformation")
    cloudformation.update_termination_protection(StackName=target.stack_name, EnableTerminationProtection=True)
    cloudformation.set_stack_policy(StackName=target.stack_name, StackPolicyBody=json.dumps(stack_policy()))


def unprotect(target: Target) -> None:
    """Switch off termination protection, of the stack and of the tables that it still has."""
    cloudformation, dynamodb = target.client("cloudformation"), target.client("dynamodb")
    (stack,) = cloudformation.describe_stacks(StackName=target.stack_name)["Stacks"]
    if stack.get("EnableTerminationProtection"):
        cloudformation.update_termination_protection(StackName=target.stack_name, EnableTerminationProtection=False)
    for page in cloudformation.get_paginator("list_stack_resources").paginate(StackName=target.stack_name):
        for resource in page["StackResourceSummaries"]:
            # A stack that failed lists what it never made, and what is deleted already.
            name = resource.get("PhysicalResourceId")
            if resource["ResourceType"] == "AWS::DynamoDB::Table" and name:
                with suppress(dynamodb.exceptions.ResourceNotFoundException):
                    dynamodb.update_table(TableName=name, DeletionProtectionEnabled=False)


def stack_policy() -> dict[str, list[dict[str, Any]]]:
    """Return the stack policy (AWS CloudFormation User Guide, "Prevent updates to stack resources")."""
    return {
        "Statement": [
            {"Effect": "Allow", "Principal": "*", "Action": "Update:*", "Resource": "*"},
            {
                "Effect": "Deny",
                "Principal": "*",
                "Action": ["Update:Replace", "Update:Delete"],
                "Resource": [f"LogicalResourceId/{name}" for name in Template.of_this_project().of_type(*HOLD_DATA)],
            },
        ]
    }
