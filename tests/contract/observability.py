"""The alarms and the dashboard as written, and the metrics that they look at."""

import json
import re
from collections.abc import Iterator
from typing import Any

from tests.contract.template import FUNCTIONS, ROOT
from tools.base.cloudformation import parse_template

PATH = ROOT / "observability.yaml"
OBSERVABILITY: dict[str, Any] = parse_template(PATH.read_text())
RESOURCES: dict[str, Any] = OBSERVABILITY["Resources"]
ALARMS: dict[str, dict[str, Any]] = {
    name: resource["Properties"] for name, resource in RESOURCES.items() if resource["Type"] == "AWS::CloudWatch::Alarm"
}
NAMESPACE: str = OBSERVABILITY["Parameters"]["Namespace"]["Default"]
VALUES = (
    {name: f"the-{name}" for name in OBSERVABILITY["Parameters"]}
    | {
        "Namespace": NAMESPACE,
        "DeadlineSeconds": "900",
        "PendingDeadlineSeconds": "3600",
        "AWS::Region": "eu-central-1",
    }
    | {"AWS::Partition": "aws", "AWS::AccountId": "123456789012"}
)


def render(node: Any) -> str:
    """Return the text that CloudFormation makes of a value. Raises `KeyError` for a name that is not there."""
    if isinstance(node, str):
        return node
    ((function, argument),) = node.items()
    if function == "Ref":
        return value_of(argument)
    if function == "Fn::If":
        # With everything deployed that may be.
        return render(argument[1])
    if function == "Fn::Join":
        separator, parts = argument
        return str(separator).join(map(render, parts))
    text, own = argument if isinstance(argument, list) else (argument, {})
    known = {name: render(value) for name, value in own.items()}
    return re.sub(r"\$\{([^}]+)\}", lambda found: known.get(found[1]) or value_of(found[1]), text)


def value_of(name: str) -> str:
    """Return what `Ref` gives: a parameter's value, or an alarm's name."""
    return render(ALARMS[name]["AlarmName"]) if name in ALARMS else VALUES[name]


def dashboard() -> list[dict[str, Any]]:
    """Return the dashboard's widgets. Raises `ValueError` if its body is not JSON."""
    widgets: list[dict[str, Any]] = json.loads(render(RESOURCES["Dashboard"]["Properties"]["DashboardBody"]))["widgets"]
    return widgets


def alarm_metrics() -> Iterator[tuple[str, str]]:
    """Yield each own metric that an alarm looks at, as (service, metric)."""
    for alarm in ALARMS.values():
        if "Namespace" in alarm and render(alarm["Namespace"]) == NAMESPACE:
            (dimension,) = alarm["Dimensions"]
            assert dimension["Name"] == "service"
            yield dimension["Value"], alarm["MetricName"]


def alarm_queries() -> dict[str, str]:
    """Return the query of each alarm that looks at several metrics at once."""
    queries: dict[str, str] = {}
    for name, alarm in ALARMS.items():
        if "Metrics" in alarm:
            (query,) = alarm["Metrics"]
            queries[name] = render(query["Expression"])
    return queries


def drawn_metrics() -> Iterator[list[str]]:
    """Yield each metric that the dashboard draws, written out: namespace, metric, dimensions' names and values."""
    for widget in dashboard():
        above: list[str] = []
        for entry in widget["properties"].get("metrics", []):
            words = [word for word in entry if isinstance(word, str)]
            if words and words[0] == "...":
                words = [*above[: len(above) - len(words) + 1], *words[1:]]
            above = [above[place] if word == "." else word for place, word in enumerate(words)]
            if above:
                yield above


def searches() -> Iterator[tuple[str, list[str], str]]:
    """Yield each search of the dashboard: the namespace, the metrics' names, and the whole expression."""
    for widget in dashboard():
        for entry in widget["properties"].get("metrics", []):
            if isinstance(entry[0], dict):
                expression = entry[0]["expression"]
                (namespace, names) = re.findall(r"\{([\w/]+),.*MetricName=(\(.*?\)|\".*?\")", expression)[0]
                yield namespace, re.findall(r'"(\w+)"', names), expression


def watched(metric: str) -> list[str]:
    """Return the functions of which an alarm watches this metric of Lambda's."""
    return [
        dimension["Value"]["Ref"]
        for alarm in ALARMS.values()
        if (alarm.get("Namespace"), alarm.get("MetricName")) == ("AWS/Lambda", metric)
        for dimension in alarm["Dimensions"]
        if dimension["Value"]["Ref"] in FUNCTIONS
    ]
