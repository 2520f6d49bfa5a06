"""Runs recovery on demand, instead of within the minute."""

from pydantic import ValidationError

from tools.base.document import Document
from tools.base.problem import ProblemError
from tools.base.stack import Stack
from tools.base.template import FUNCTION, SCHEDULES, Template


def recovery_function() -> str:
    """Return the logical id of the function that a schedule runs."""
    functions = Template.of_this_project().of_type(FUNCTION)
    (scheduled,) = (
        name
        for name, function in functions.items()
        if any(source["Type"] in SCHEDULES for source in function.get("Events", {}).values())
    )
    return scheduled


class Recovery(Document):
    """The answer of a recovery run."""

    recovered: int
    """Events that it published again."""
    oldest_seconds: float
    """The age of the oldest order in flight."""
    complete: bool
    """Whether there was enough time for all orders."""


def run(stack: Stack) -> Recovery:
    """Run the function that a schedule runs, and return its answer. Raises `ProblemError` if it fails."""
    function = stack.physical_id(recovery_function())
    answer = stack.client("lambda").invoke(FunctionName=function)
    payload = answer["Payload"].read()
    if "FunctionError" in answer:
        raise ProblemError(f"recovery failed: {payload.decode(errors='replace')}")
    try:
        return Recovery.model_validate_json(payload)
    except ValidationError:
        said = payload.decode(errors="replace")
        raise ProblemError(f"recovery answered {said}: deploy this version of it with `make deploy`") from None
