"""The wiring as the template declares it, so that the simulated bus delivers by the same rules as the deployed one."""

from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from tools.base.cloudformation import parse_template
from tools.base.events import FIRST
from tools.base.template import SCHEDULES
from tools.project.choreography.flow import Flow

TEMPLATE = Path(__file__).parents[2] / "template.yaml"
LAMBDA_RETRIES = 2
"""Retries of an asynchronous invocation if the template says nothing (AWS Lambda Developer Guide)."""


class UnknownPatternError(AssertionError):
    """The template uses a part of event patterns that the simulated bus does not understand."""


@dataclass(frozen=True)
class Pattern:
    """An event pattern of literal values: each named field must have one of them."""

    fields: tuple[tuple[str, tuple[str, ...]], ...]

    def matches(self, envelope: dict[str, Any]) -> bool:
        return all(envelope.get(field) in allowed for field, allowed in self.fields)


@dataclass(frozen=True)
class Function:
    """One function of the template: its handler, the events it consumes, how often and how long it is tried."""

    name: str
    handler: str
    patterns: tuple[Pattern, ...]
    attempts: int
    timeout: timedelta
    route: str | None
    """The path that a client posts to, if that starts it."""
    is_scheduled: bool

    @property
    def module(self) -> str:
        """The module of its handler."""
        return self.handler.rpartition(".")[0]

    def consumes(self, envelope: dict[str, Any]) -> bool:
        return any(pattern.matches(envelope) for pattern in self.patterns)


@dataclass(frozen=True)
class Table:
    """One table: the attribute that is its key, and its indexes as name -> (hash, range)."""

    key: str
    indexes: dict[str, tuple[str, str]]
    definition: dict[str, Any]


@dataclass(frozen=True)
class Deployment:
    """What a deployment of the template would give; a resource is named by its logical id."""

    functions: dict[str, Function]
    tables: dict[str, Table]
    variables: dict[str, str]
    buses: frozenset[str]
    starter: Function
    """The function that starts a saga."""

    @property
    def recovery(self) -> Function:
        """The function that a schedule runs."""
        (found,) = (function for function in self.functions.values() if function.is_scheduled)
        return found

    @property
    def records(self) -> str:
        """The table of the records."""
        return self.variables["RECORDS_TABLE_NAME"]

    @property
    def deadline(self) -> timedelta:
        """How old a saga may become before a step up to the pivot gives it up."""
        return timedelta(seconds=int(self.variables["DEADLINE_SECONDS"]))

    @property
    def recover_after(self) -> timedelta:
        """How long a saga may stay at a status before recovery looks at it."""
        return timedelta(seconds=int(self.variables["RECOVER_AFTER_SECONDS"]))

    @property
    def last_deadline(self) -> timedelta:
        """The longest of all deadlines that the functions have."""
        names = [name for name in self.variables if name.endswith("DEADLINE_SECONDS")]
        return timedelta(seconds=max(int(self.variables[name]) for name in names))


@cache
def deployment() -> Deployment:
    """Read the template."""
    template = parse_template(TEMPLATE.read_text())
    of_type: dict[str, dict[str, dict[str, Any]]] = {}
    for name, resource in template["Resources"].items():
        of_type.setdefault(resource["Type"], {})[name] = resource["Properties"]
    shared = template["Globals"]["Function"]
    functions = functions_of(template)
    (starter,) = Flow.of_this_project().publishers(FIRST.detail_type)
    return Deployment(
        functions=functions,
        tables={name: _table(properties) for name, properties in of_type["AWS::DynamoDB::Table"].items()},
        variables={
            name: _resolved(value, template["Parameters"])
            for name, value in shared["Environment"]["Variables"].items()
            if "Fn::If" not in value  # there under a condition, and not by default
        },
        buses=frozenset(of_type["AWS::Events::EventBus"]),
        starter=functions[starter.name],
    )


def functions_of(template: dict[str, Any]) -> dict[str, Function]:
    """Return the functions of a template by their names."""
    shared = template["Globals"]["Function"]
    return {
        name: _function(name, {**shared, **resource["Properties"]})
        for name, resource in template["Resources"].items()
        if resource["Type"] == "AWS::Serverless::Function"
    }


def _function(name: str, properties: dict[str, Any]) -> Function:
    rules = [source["Properties"] for source in properties["Events"].values() if source["Type"] == "EventBridgeRule"]
    # A rule that names no event is for those of somebody else's bus.
    rules = [rule for rule in rules if "detail-type" in rule["Pattern"]]
    posts = [source["Properties"] for source in properties["Events"].values() if source["Type"] == "Api"]
    retries = properties.get("EventInvokeConfig", {}).get("MaximumRetryAttempts", LAMBDA_RETRIES)
    return Function(
        name=name,
        handler=properties["Handler"],
        patterns=tuple(_pattern(rule["Pattern"]) for rule in rules),
        attempts=1 + retries,
        timeout=timedelta(seconds=properties["Timeout"]),
        route=next((post["Path"] for post in posts if post["Method"] == "POST"), None),
        is_scheduled=any(source["Type"] in SCHEDULES for source in properties["Events"].values()),
    )


def _pattern(pattern: dict[str, Any]) -> Pattern:
    for field, allowed in pattern.items():
        if not isinstance(allowed, list) or not all(isinstance(value, str) for value in allowed):
            raise UnknownPatternError(f"{field}: {allowed}")
    return Pattern(tuple((field, tuple(allowed)) for field, allowed in pattern.items()))


def _table(properties: dict[str, Any]) -> Table:
    (key,) = properties["KeySchema"]
    return Table(
        key=key["AttributeName"],
        indexes={
            index["IndexName"]: (index["KeySchema"][0]["AttributeName"], index["KeySchema"][1]["AttributeName"])
            for index in properties.get("GlobalSecondaryIndexes", [])
        },
        definition={
            name: properties[name]
            for name in ("AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "BillingMode")
            if name in properties
        },
    )


def _resolved(value: Any, parameters: dict[str, Any]) -> str:
    name = value["Ref"] if isinstance(value, dict) else value
    return str(parameters[name]["Default"]) if name in parameters else str(name)
