"""Runs recovery on demand, instead of within the minute."""

import json
from typing import Any

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


def run(stack: Stack) -> dict[str, Any]:
    """Run the function that a schedule runs, and return its answer: how many events it published, and the oldest order.

    Raises `ProblemError` if it fails.
    """
    function = stack.physical_id(recovery_function())
    answer = stack.client("lambda").invoke(FunctionName=function)
    said: dict[str, Any] = json.loads(answer["Payload"].read())
    if "FunctionError" in answer:
        raise ProblemError(f"recovery failed: {said.get('errorMessage', said)}")
    return said
