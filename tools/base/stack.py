"""The deployed stack, as its outputs tell it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    EndpointConnectionError,
    NoCredentialsError,
    NoRegionError,
)

from tools.base.problem import ProblemError
from tools.base.target import Target

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table


@contextmanager
def aws_problems(target: Target) -> Iterator[None]:
    """Turn what goes wrong on the way to AWS into a `ProblemError` that says what to do."""
    try:
        yield
    except NoCredentialsError:
        raise ProblemError("there are no AWS credentials: log in, for example with `aws sso login`") from None
    except NoRegionError:
        raise ProblemError("no AWS region is set: set AWS_REGION, for example to eu-central-1") from None
    except EndpointConnectionError:
        raise ProblemError(f"nothing answers at {target.name}: start it with `make up`") from None
    except ClientError as error:
        if "does not exist" in str(error):
            raise ProblemError(
                f"the stack {target.stack_name} is not deployed at {target.name}: run `make deploy`"
            ) from None
        raise ProblemError(f"AWS refused: {error}") from None
    except BotoCoreError as error:
        raise ProblemError(f"AWS could not be called: {error}") from None


@dataclass(frozen=True)
class Stack:
    """The outputs of the deployed stack, and clients that reach it."""

    target: Target
    outputs: dict[str, str]

    @classmethod
    def of(cls, target: Target) -> "Stack":
        """Look the stack up. Raises `ProblemError` if it is not deployed or cannot be reached."""
        with aws_problems(target):
            cloudformation = target.session().client("cloudformation", endpoint_url=target.endpoint)
            found = cloudformation.describe_stacks(StackName=target.stack_name)["Stacks"][0]
        return cls(target, {output["OutputKey"]: output["OutputValue"] for output in found.get("Outputs", [])})

    @property
    def api_url(self) -> str:
        """Where orders are placed. The stack's own output names an AWS host, which an emulator does not have."""
        if self.target.endpoint:
            # As LocalStack documents it ("API Gateway"); MiniStack takes it as well.
            return f"{self.target.endpoint}/_aws/execute-api/{self.outputs['ApiId']}/{self.target.stage}"
        return self.outputs["ApiUrl"]

    @property
    def orders(self) -> "Table":
        """The orders table; it takes and gives plain values."""
        return self._table("OrdersTableName")

    @property
    def inventory(self) -> "Table":
        """The inventory table; it takes and gives plain values."""
        return self._table("InventoryTableName")

    def physical_id(self, logical_id: str) -> str:
        """Give the name or id that a resource of the template got."""
        cloudformation = self.target.session().client("cloudformation", endpoint_url=self.target.endpoint)
        with aws_problems(self.target):
            found = cloudformation.describe_stack_resource(
                StackName=self.target.stack_name, LogicalResourceId=logical_id
            )
        return found["StackResourceDetail"]["PhysicalResourceId"]

    def _table(self, output: str) -> "Table":
        dynamodb = self.target.session().resource("dynamodb", endpoint_url=self.target.endpoint)
        return dynamodb.Table(self.outputs[output])
