"""The deployed stack: its outputs, its parameters, its resources, and the clients that reach it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tools.base.clients import Clients
from tools.base.events import RECORDS_TABLE
from tools.base.problem import ProblemError
from tools.base.target import Target

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

NEVER_MADE = {"CREATE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED"}
"""States of a stack whose creation failed: it never took an order, and can only be deleted.

See AWS CloudFormation User Guide, "Stack status codes".
"""
ONLY_A_CHANGE_SET = "REVIEW_IN_PROGRESS"
"""The state of a stack that has a change set and nothing else: a deployment ended before it began."""


@dataclass(frozen=True)
class Stack:
    """A deployed stack, as CloudFormation describes it."""

    target: Target
    outputs: Mapping[str, str]
    parameters: Mapping[str, str] = field(default_factory=dict)
    state: str = "CREATE_COMPLETE"

    @classmethod
    def of(cls, target: Target) -> "Stack":
        """Return the stack. Raises `ProblemError` if it is not deployed, or failed so far that it has no outputs."""
        if (found := cls.find(target)) is None:
            raise ProblemError(f"the stack {target.stack_name} is not deployed at {target.name}: run `make deploy`")
        if not found.outputs:
            raise ProblemError(f"the stack {target.stack_name} is {found.state} and has no outputs: {found.advice}")
        return found

    @classmethod
    def find(cls, target: Target) -> "Stack | None":
        """Return the stack, whatever its state; None if it is not deployed."""
        from botocore.exceptions import ClientError

        try:
            (found,) = target.client("cloudformation").describe_stacks(StackName=target.stack_name)["Stacks"]
        except ClientError as error:
            # For a stack that is not there, this is all the code there is.
            if error.response["Error"]["Code"] != "ValidationError":
                raise
            return None
        return cls(
            target,
            # LocalStack lists the outputs of a stack that failed, without their values.
            outputs={
                each["OutputKey"]: each["OutputValue"] for each in found.get("Outputs", []) if "OutputValue" in each
            },
            parameters={
                each["ParameterKey"]: each["ParameterValue"]
                for each in found.get("Parameters", [])
                if "ParameterValue" in each
            },
            state=found["StackStatus"],
        )

    @property
    def client(self) -> Clients:
        """Makes clients of AWS services that reach the stack."""
        return self.target.client

    def output(self, name: str) -> str:
        """Return an output. Raises `ProblemError` naming the stack's state if it has no such output."""
        if name in self.outputs:
            return self.outputs[name]
        state = f"the stack {self.target.stack_name} is {self.state}"
        raise ProblemError(f"{state} and has no output {name}: {self.advice}")

    def parameter(self, name: str) -> str:
        """Return the value of a parameter. Raises `ProblemError` if the stack was deployed without it."""
        if name in self.parameters:
            return self.parameters[name]
        raise ProblemError(f"the stack {self.target.stack_name} has no parameter {name}: run `make deploy{self._on}`")

    @property
    def _on(self) -> str:
        return "" if self.target.endpoint else f" STAGE={self.target.stage}"

    @property
    def advice(self) -> str:
        """What to do about a stack that lacks an output."""
        on = self._on
        if self.state in NEVER_MADE or self.state == ONLY_A_CHANGE_SET:
            return f"run `make deploy{on}`, or `make destroy{on} CONFIRM={self.target.stack_name}` to be rid of it"
        if self.state == "DELETE_FAILED":
            return f"run `make destroy{on} CONFIRM={self.target.stack_name}` again: it says what cannot be deleted"
        if self.state == "UPDATE_ROLLBACK_FAILED":
            return (
                "fix what CloudFormation's events name, then run "
                f"`aws cloudformation continue-update-rollback --stack-name {self.target.stack_name}`"
            )
        if self.state.endswith("_IN_PROGRESS"):
            return "wait until that is complete"
        return f"run `make deploy{on}`"

    @property
    def api_url(self) -> str:
        """The API's URL. The stack's own output names an AWS host, which an emulator does not have."""
        if self.target.endpoint:
            # As LocalStack documents it ("API Gateway"); MiniStack takes it as well.
            return f"{self.target.endpoint}/_aws/execute-api/{self.output('ApiId')}/{self.target.stage}"
        return self.output("ApiUrl")

    @property
    def records(self) -> "Table":
        """The table of the records; it takes and returns plain values."""
        return self.table(RECORDS_TABLE)

    def physical_id(self, logical_id: str) -> str:
        """Return the name or id that a resource of the template got. Raises `ProblemError` if the stack has none."""
        from botocore.exceptions import ClientError

        try:
            found = self.client("cloudformation").describe_stack_resource(
                StackName=self.target.stack_name, LogicalResourceId=logical_id
            )
        except ClientError as error:
            # "Resource … does not exist for stack …"; of a stack that is not there, it says so in other words.
            said = error.response["Error"].get("Message", "")
            if not (said.startswith("Resource") and "does not exist" in said):
                raise
            raise ProblemError(
                f"the stack {self.target.stack_name} has no {logical_id}: with its parameters it is not deployed, see "
                "`make parameters`"
            ) from None
        return found["StackResourceDetail"]["PhysicalResourceId"]

    def functions(self) -> dict[str, str]:
        """Return the functions' names in the template, by the names that they got."""
        pages = self.client("cloudformation").get_paginator("list_stack_resources")
        return {
            resource["PhysicalResourceId"]: resource["LogicalResourceId"]
            for page in pages.paginate(StackName=self.target.stack_name)
            for resource in page["StackResourceSummaries"]
            if resource["ResourceType"] == "AWS::Lambda::Function"
        }

    def table(self, output: str) -> "Table":
        """Return the table that an output names; it takes and returns plain values."""
        return self.client.resource("dynamodb").Table(self.output(output))
