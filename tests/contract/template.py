"""The template as written: what the contract tests compare with the code, and what the tests' tables are made from."""

from pathlib import Path
from typing import Any

from tools.base.cloudformation import parse_template

ROOT = Path(__file__).parents[2]
TEMPLATE: dict[str, Any] = parse_template((ROOT / "template.yaml").read_text())
RESOURCES: dict[str, Any] = TEMPLATE["Resources"]


def properties_of(kind: str) -> dict[str, dict[str, Any]]:
    """Return the properties of all resources of a type, by logical id."""
    return {name: resource["Properties"] for name, resource in RESOURCES.items() if resource["Type"] == kind}


FUNCTIONS = properties_of("AWS::Serverless::Function")
DEPLOYED_ALWAYS = sorted(name for name in FUNCTIONS if "Condition" not in RESOURCES[name])
"""The functions that every deployment has, whatever its parameters are."""


def triggers(kind: str) -> list[tuple[str, dict[str, Any]]]:
    """Return all triggers of a type: the function's logical id with the properties of its trigger."""
    return [
        (function, event["Properties"])
        for function, properties in FUNCTIONS.items()
        for event in properties["Events"].values()
        if event["Type"] == kind
    ]


RULES = [(function, rule) for function, rule in triggers("EventBridgeRule") if "detail-type" in rule["Pattern"]]
"""The rules that name events of the saga."""
STEPS = sorted({function for function, _ in RULES})
