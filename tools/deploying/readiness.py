"""Whether a stack can be deployed in the state that it is in, and what is done about it if not."""

from tools.base.console import doing
from tools.base.problem import ProblemError
from tools.base.stack import NEVER_MADE, ONLY_A_CHANGE_SET, Stack
from tools.base.target import Target
from tools.deploying.deletion import delete_stack


def make_ready(target: Target) -> None:
    """Delete a stack whose creation failed: it never took an order, and CloudFormation updates no such stack.

    Raises `ProblemError` if the stack is in another state that no deployment gets it out of.
    """
    stack = Stack.find(target)
    if stack is None or stack.state == ONLY_A_CHANGE_SET:
        return
    if stack.state in NEVER_MADE:
        with doing(f"deleting {target.stack_name}, whose creation failed ({stack.state})"):
            delete_stack(target)
    elif stack.state in {"DELETE_FAILED", "UPDATE_ROLLBACK_FAILED"} or stack.state.endswith("_IN_PROGRESS"):
        raise ProblemError(f"the stack {target.stack_name} is {stack.state}: {stack.advice}")
