"""Runs recovery on demand, for orders that are not due yet as well."""

import json

from botocore.config import Config
from pydantic import ValidationError

from tools.base.document import Document
from tools.base.problem import ProblemError
from tools.base.stack import Stack
from tools.base.template import FUNCTION, SCHEDULES, Template

LONGEST_RUN = 310
"""Seconds: the function's timeout, and some more."""


def recovery_function() -> str:
    """Return the logical id of the function that a schedule runs."""
    functions = Template.of_this_project().of_type(FUNCTION)
    (scheduled,) = (
        name
        for name, function in functions.items()
        if any(source["Type"] in SCHEDULES for source in function.get("Events", {}).values())
    )
    return scheduled


def schedule(stack: Stack, *, on: bool) -> None:
    """Enable or disable the rules that run recovery."""
    function = stack.client("lambda").get_function(FunctionName=stack.physical_id(recovery_function()))
    events = stack.client("events")
    names = events.list_rule_names_by_target(TargetArn=function["Configuration"]["FunctionArn"])["RuleNames"]
    for name in names:
        (events.enable_rule if on else events.disable_rule)(Name=name)


class Recovery(Document):
    """The answer of a recovery run."""

    recovered: int
    """Events that it published again."""
    postponed: int
    """How many more are stuck, above the ceiling."""
    oldest_seconds: float
    """The age of the oldest order in flight; 0 if only some were asked for."""
    complete: bool
    """Whether it could do all it had to; it logged why not."""


def run(stack: Stack, key: str | None = None) -> Recovery:
    """Run recovery for all that are stuck, due or not, or for the one with this key; return the function's answer.

    The ceiling holds all the same, so it may take a minute. Raises `ProblemError` if it fails.
    """
    function = stack.physical_id(recovery_function())
    # Invoked again after a timeout, it would publish all again.
    patient = Config(read_timeout=LONGEST_RUN, retries={"total_max_attempts": 1})
    wanted = {"recover": [key] if key else "all"}
    answer = stack.client("lambda", patient).invoke(FunctionName=function, Payload=json.dumps(wanted))
    payload = answer["Payload"].read()
    if "FunctionError" in answer:
        raise ProblemError(f"recovery failed: {payload.decode(errors='replace')}")
    try:
        return Recovery.model_validate_json(payload)
    except ValidationError:
        said = payload.decode(errors="replace")
        raise ProblemError(f"recovery answered {said}: deploy this version of it with `make deploy`") from None
