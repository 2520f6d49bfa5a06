"""Runs recovery now, instead of within the minute."""

import json
from typing import Any

from tools.base.problem import ProblemError
from tools.base.stack import Stack


def run(stack: Stack) -> dict[str, Any]:
    """Call RecoverOrders and give what it says: how many events it published again, and the oldest order in flight."""
    function = stack.physical_id("RecoverOrders")
    answer = stack.client("lambda").invoke(FunctionName=function)
    said: dict[str, Any] = json.loads(answer["Payload"].read())
    if "FunctionError" in answer:
        raise ProblemError(f"recovery failed: {said.get('errorMessage', said)}")
    return said
