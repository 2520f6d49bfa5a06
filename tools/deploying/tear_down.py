"""Takes a stack down, with all that it holds."""

from datetime import timedelta

from botocore.exceptions import WaiterError

from tools.base.console import console, doing
from tools.base.problem import ProblemError
from tools.base.stack import Stack, aws_problems
from tools.base.target import Target
from tools.deploying.protect import unprotect
from tools.operating.watch.tap import Bus, sweep

SAM_STACK = "aws-sam-cli-managed-default"
"""Where SAM keeps the bucket that it uploads to (AWS SAM Developer Guide, "sam deploy", `--resolve-s3`)."""
STAYS = """\
What stays for a while: the alarms' key, 30 days; the tables' backups, 35 days; metrics and traces, until they expire.
What stays: SAM's own bucket.\
"""


def take_down(target: Target, confirmed: str) -> None:
    """Delete the stack and what was uploaded for it, and first what would keep it from being deleted.

    `confirmed` is the stack's name, typed by whoever wants this. Raises `ProblemError` if it is another, if the stack
    is not there, or if AWS could not delete it.
    """
    if confirmed != target.stack_name:
        raise ProblemError(
            f"this deletes {target.stack_name} at {target.name} with all its orders: if you mean it, say "
            f"CONFIRM={target.stack_name}"
        )
    stack = Stack.of(target)
    letters = _dead_letters(stack)
    with doing(f"lifting the protection of {target.stack_name}"):
        # A rule that a `make watch` left behind would keep the bus from being deleted.
        sweep(Bus.of(stack), age=timedelta())
        unprotect(target)
    with doing(f"deleting {target.stack_name}"):
        _delete_stack(target)
    with doing("deleting what was uploaded for it"):
        _delete_uploads(target)
    if letters:
        console.print(f"{letters} dead letters went with it")
    if not target.endpoint:
        console.print(STAYS, soft_wrap=True)


def _dead_letters(stack: Stack) -> int:
    sqs = stack.target.session().client("sqs", endpoint_url=stack.target.endpoint)
    with aws_problems(stack.target):
        found = sqs.get_queue_attributes(
            QueueUrl=stack.outputs["DeadLetterQueueUrl"], AttributeNames=["ApproximateNumberOfMessages"]
        )
    return int(found["Attributes"]["ApproximateNumberOfMessages"])


def _delete_stack(target: Target) -> None:
    cloudformation = target.session().client("cloudformation", endpoint_url=target.endpoint)
    with aws_problems(target):
        cloudformation.delete_stack(StackName=target.stack_name)
        deleted = cloudformation.get_waiter("stack_delete_complete")
        seconds = 1 if target.endpoint else 10
        try:
            deleted.wait(StackName=target.stack_name, WaiterConfig={"Delay": seconds, "MaxAttempts": 180})
        except WaiterError as error:
            raise ProblemError(
                f"{target.stack_name} was not deleted: {error}; see its events in CloudFormation, then do it again"
            ) from None


def _delete_uploads(target: Target) -> None:
    session = target.session()
    cloudformation = session.client("cloudformation", endpoint_url=target.endpoint)
    with aws_problems(target):
        described = cloudformation.describe_stacks(StackName=SAM_STACK)["Stacks"][0]
        (bucket,) = [out["OutputValue"] for out in described["Outputs"] if out["OutputKey"] == "SourceBucket"]
        uploads = session.resource("s3", endpoint_url=target.endpoint).Bucket(bucket).object_versions
        uploads.filter(Prefix=f"{target.stack_name}/").delete()
