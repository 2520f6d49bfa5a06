"""The values of the template's parameters: where each comes from, and whether the template takes it."""

import re
import shlex
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

from samcli.cli.types import CfnParameterOverridesType  # type: ignore[import-untyped]

from tools.base.problem import ProblemError
from tools.base.stack import Stack
from tools.base.target import ROOT, Target
from tools.deploying.build import parameters as from_the_place

SAMCONFIG = ROOT / "samconfig.toml"
Declared = Mapping[str, Mapping[str, Any]]
"""The section Parameters of a template."""
DECIDED_BY = {
    "Stage": "STAGE=",
    "PythonRuntime": "the Python that make runs with (PYTHON=, then make install)",
    "Architecture": "the place it is built for",
}
"""Parameters that the build must agree with, and what they follow from."""


def values(target: Target, declared: Declared, asked: Mapping[str, str]) -> dict[str, str]:
    """Return the value of each parameter that a template declares; `asked` are those of this deployment.

    A later one wins: the template's default, what somebody set in an earlier deployment, samconfig.toml, what follows
    from the place, what is asked for now. Every value is sent with every deployment: SAM keeps the former value of a
    parameter that it is not told, so a default that has changed would never be applied.
    """
    defaults = {name: str(each["Default"]) for name, each in declared.items() if "Default" in each}
    known = defaults | set_before(target) | in_samconfig(target) | from_the_place(target) | dict(asked)
    return {name: value for name, value in known.items() if name in declared}


def set_before(target: Target) -> dict[str, str]:
    """Return the parameters in force whose value is not the default of the template that they were deployed with."""
    if (stack := Stack.find(target)) is None or not stack.parameters:
        return {}
    summary = target.client("cloudformation").get_template_summary(StackName=target.stack_name)
    defaults = {each["ParameterKey"]: each.get("DefaultValue") for each in summary["Parameters"]}
    return {name: value for name, value in stack.parameters.items() if value != defaults.get(name)}


def in_samconfig(target: Target) -> dict[str, str]:
    """Return the parameters that samconfig.toml sets for the stage, read as SAM reads them."""
    stage = tomllib.loads(SAMCONFIG.read_text()).get(target.stage, {})
    found: dict[str, str] = {}
    for command in ("global", "deploy"):
        set_there = stage.get(command, {}).get("parameters", {}).get("parameter_overrides")
        found |= CfnParameterOverridesType().convert(set_there, None, None)
    return found


def read(text: str) -> dict[str, str]:
    """Return the parameters of a text like `DeadlineSeconds=600 AlarmEmail=me@example.com`, quoted as in a shell.

    Raises `ProblemError` if it is written otherwise.
    """
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise ProblemError(f"PARAMETERS={text!r} cannot be read: {error}") from None
    if wrong := [word for word in words if not re.match(r"\w+=", word)]:
        raise ProblemError(f'{wrong[0]!r} is no parameter: write PARAMETERS="DeadlineSeconds=600 AlarmEmail=…"')
    return dict(word.split("=", 1) for word in words)


def check(asked: Mapping[str, str], declared: Declared) -> None:
    """Raise `ProblemError` if the template has no such parameter, or does not take its value."""
    if problems := list(_problems(asked, declared)):
        raise ProblemError("; ".join(problems))


def _problems(asked: Mapping[str, str], declared: Declared) -> Iterator[str]:
    for name, value in asked.items():
        if name not in declared:
            yield f"there is no parameter {name}: choose one of {', '.join(sorted(declared.keys() - DECIDED_BY))}"
        elif name in DECIDED_BY:
            yield f"{name} is not set by PARAMETERS: it follows from {DECIDED_BY[name]}"
        elif wanted := _refusal(value, declared[name]):
            yield f"{name}={value} is refused: it takes {wanted}"


def _refusal(value: str, parameter: Mapping[str, Any]) -> str | None:
    """Return what the parameter takes if it is not this value (CloudFormation User Guide, "Parameters")."""
    if parameter["Type"] == "Number":
        low, high = parameter.get("MinValue", float("-inf")), parameter.get("MaxValue", float("inf"))
        if not re.fullmatch(r"-?\d+(\.\d+)?", value):
            return "a number"
        if not float(low) <= float(value) <= float(high):
            return " and ".join(
                [f"no less than {low}"] * ("MinValue" in parameter)
                + [f"no more than {high}"] * ("MaxValue" in parameter)
            )
    if value not in map(str, parameter.get("AllowedValues", [value])):
        return f"one of {', '.join(map(str, parameter['AllowedValues']))}"
    if not re.fullmatch(parameter.get("AllowedPattern", ".*"), value, re.DOTALL):
        return str(parameter.get("ConstraintDescription", f"what matches {parameter['AllowedPattern']}"))
    if not parameter.get("MinLength", 0) <= len(value) <= parameter.get("MaxLength", len(value)):
        return f"{parameter.get('MinLength', 0)} to {parameter.get('MaxLength', 'any number of')} characters"
    return None
