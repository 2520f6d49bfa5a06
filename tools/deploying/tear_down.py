"""Deletes a stack and all its data."""

from datetime import timedelta

from tools.base.console import console, doing
from tools.base.problem import ProblemError
from tools.base.stack import Stack
from tools.base.target import Target
from tools.deploying.deletion import delete_stack
from tools.deploying.protect import unprotect
from tools.operating.archive import delete_archive
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
            f"this deletes {target.stack_name} at {target.name} with all its records: to confirm, add "
            f"CONFIRM={target.stack_name}"
        )
    stack = Stack.find(target)
    if stack is None:
        raise ProblemError(
            f"the stack {target.stack_name} is not deployed at {target.name}: there is nothing to delete"
        )
    letters = _dead_letters(stack)
    with doing(f"lifting the protection of {target.stack_name}"):
        # A rule that a `make watch` left behind would keep the bus from being deleted.
        if "EventBusName" in stack.outputs:
            sweep(Bus.of(stack), age=timedelta())
        unprotect(target)
        if target.endpoint:
            delete_archive(target)
    with doing(f"deleting {target.stack_name}"):
        delete_stack(target)
    with doing("deleting what was uploaded for it"):
        _delete_uploads(target)
    if letters:
        console.print(f"{letters} dead letters went with it")
    if not target.endpoint:
        console.print(STAYS, soft_wrap=True)


def _dead_letters(stack: Stack) -> int:
    # A stack that failed while it was made has none.
    if not (url := stack.outputs.get("DeadLetterQueueUrl")):
        return 0
    found = stack.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])
    return int(found["Attributes"]["ApproximateNumberOfMessages"])


def _delete_uploads(target: Target) -> None:
    sam = Stack.find(target.model_copy(update={"stack_name": SAM_STACK}))
    if sam is not None:
        uploads = target.client.resource("s3").Bucket(sam.output("SourceBucket")).object_versions
        uploads.filter(Prefix=f"{target.stack_name}/").delete()
