"""The values of the template's parameters: where each comes from, and whether the template takes it."""

import re
import shlex
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

from samcli.cli.types import CfnParameterOverridesType

from tools.base.cloudformation import parse_template
from tools.base.problem import ProblemError
from tools.base.stack import Stack
from tools.base.target import ROOT, SAMCONFIG, Target
from tools.base.template import TEMPLATE
from tools.deploying.build import parameters as from_the_place
from tools.deploying.plain_sam import PARAMETERS
from tools.deploying.versions import ADDED

Declared = Mapping[str, Mapping[str, Any]]
"""The section Parameters of a template."""
DECIDED_BY = {
    "Stage": "STAGE=",
    "PythonRuntime": "the Python that make runs with (PYTHON=, then make install)",
    "Architecture": "the place it is built for",
}
"""Parameters that the build must agree with, and what they follow from."""


def declared() -> Declared:
    """Return the parameters of the template, and those that versions add to it on AWS."""
    template = parse_template((ROOT / TEMPLATE).read_text())
    return {**template["Parameters"], **ADDED["Parameters"]}


def values(target: Target, asked: Mapping[str, str]) -> dict[str, str]:
    """Return the value of each parameter; `asked` are those of this deployment.

    A later one wins: the template's default, what somebody set in an earlier deployment, samconfig.toml, what follows
    from the place, what is asked for now. Every value is sent with every deployment: SAM keeps the former value of a
    parameter that it is not told, so a default that has changed would never be applied. Raises `ProblemError` if there
    is no such parameter, or if the template does not take a value.
    """
    template = declared()
    defaults = {name: str(each["Default"]) for name, each in template.items() if "Default" in each}
    # A parameter that the template has no longer is not set any more.
    before = {name: value for name, value in set_before(target).items() if name in template}
    # Gradually or at once is said anew with each deployment.
    gradual = {"GradualDeployments": str(target.is_production).lower()}
    chosen = defaults | before | gradual | in_samconfig(target) | from_the_place(target) | dict(asked)
    if problems := list(_problems(chosen, template)):
        raise ProblemError("; ".join(problems))
    return chosen


def without_versions(chosen: Mapping[str, str]) -> dict[str, str]:
    """Return the values of those parameters that the template has without versions."""
    return {name: value for name, value in chosen.items() if name not in ADDED["Parameters"]}


def set_before(target: Target) -> dict[str, str]:
    """Return the parameters in force whose value is not the default of the template that they were deployed with."""
    if (stack := Stack.find(target)) is None or not stack.parameters:
        return {}
    summary = target.client("cloudformation").get_template_summary(StackName=target.stack_name)
    defaults = {each["ParameterKey"]: each.get("DefaultValue") for each in summary["Parameters"]}
    return {name: value for name, value in stack.parameters.items() if value != defaults.get(name)}


def in_samconfig(target: Target) -> dict[str, str]:
    """Return the parameters that samconfig.toml sets for the stage, read as SAM reads them."""
    stage = tomllib.loads(SAMCONFIG.read_text()).get(target.config_env, {})
    found: dict[str, str] = {}
    for command in ("global", "deploy"):
        set_there = stage.get(command, {}).get("parameters", {}).get("parameter_overrides", [])
        words = [set_there] if isinstance(set_there, str) else set_there
        # That file follows from the place itself, and there is none before `make install`.
        found |= CfnParameterOverridesType().convert([word for word in words if word != PARAMETERS], None, None)
    return found


def read(text: str) -> dict[str, str]:
    """Return the parameters of a text like `DeadlineSeconds=600 AlarmEmail=me@example.com`, quoted as in a shell.

    Raises `ProblemError` if it is written otherwise, or sets what follows from something else.
    """
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise ProblemError(f"PARAMETERS={text!r} cannot be read: {error}") from None
    if wrong := [word for word in words if not re.match(r"\w+=", word)]:
        raise ProblemError(f'{wrong[0]!r} is no parameter: write PARAMETERS="DeadlineSeconds=600 AlarmEmail=…"')
    asked = dict(word.split("=", 1) for word in words)
    for name in asked.keys() & DECIDED_BY:
        raise ProblemError(f"{name} is not set by PARAMETERS: it follows from {DECIDED_BY[name]}")
    return asked


def _problems(chosen: Mapping[str, str], template: Declared) -> Iterator[str]:
    for name, value in chosen.items():
        if name not in template:
            yield f"there is no parameter {name}: choose one of {', '.join(sorted(template.keys() - DECIDED_BY))}"
        elif wanted := _refusal(value, template[name]):
            yield f"{name}={value} is refused: it takes {wanted}"


def _refusal(value: str, parameter: Mapping[str, Any]) -> str | None:
    """Return what the parameter takes if it is not this value (CloudFormation User Guide, "Parameters")."""
    allowed = [str(each) for each in parameter.get("AllowedValues", [])]
    low, high = parameter.get("MinValue"), parameter.get("MaxValue")
    if parameter["Type"] == "Number" and not re.fullmatch(r"-?\d+(\.\d+)?", value):
        return "a number"
    if low is not None and float(value) < low:
        return f"no less than {low}"
    if high is not None and float(value) > high:
        return f"no more than {high}"
    if allowed and value not in allowed:
        return f"one of {', '.join(allowed)}"
    if not re.fullmatch(parameter.get("AllowedPattern", ".*"), value, re.DOTALL):
        return str(parameter.get("ConstraintDescription", f"what matches {parameter['AllowedPattern']}"))
    return None
