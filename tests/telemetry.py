"""The table of all that functions tell, `telemetry.yaml`: their metrics, and their lines of log."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml

from tools.base.root import ROOT
from tools.base.template import TEMPLATE, Template
from tools.base.transitions import EVENTS
from tools.project.choreography.flow import Flow, imported

Read = Mapping[str, Any]


@dataclass(frozen=True)
class Line:
    """One kind of line."""

    level: str
    functions: frozenset[str]
    fields: frozenset[str]
    """What each has."""
    sometimes: frozenset[str]

    def allows(self, fields: set[str]) -> bool:
        """Return whether a line may have exactly these fields."""
        return self.fields <= fields <= self.fields | self.sometimes


@dataclass(frozen=True)
class Telemetry:
    """The table, with "steps" and the events written out."""

    namespace: str
    units: Mapping[str, str]
    """Metric -> unit."""
    functions: Mapping[str, frozenset[str]]
    """Metric -> the functions that emit it."""
    lines: Mapping[str, Line]
    """The value of a line's field `event` -> what such a line is like."""
    always: frozenset[str]
    """The fields that Powertools adds to each line."""

    def metrics_of(self, function: str) -> dict[str, str]:
        """Return the metrics of a function, and their units."""
        return {metric: unit for metric, unit in self.units.items() if function in self.functions[metric]}


@cache
def telemetry() -> Telemetry:
    """Read the table."""
    read: Read = yaml.safe_load((ROOT / "telemetry.yaml").read_text())
    flow, template = Flow.of_this_project(), Template((ROOT / TEMPLATE).read_text())
    steps = frozenset(name for name, function in flow.functions.items() if function.is_step)

    def handler(function: str) -> Any:
        return imported(template.resources[function]["Properties"]["Handler"])

    groups = {
        "steps": steps,
        "steps that give up": frozenset(name for name in steps if handler(name).gives_up),
        "steps that end a saga": frozenset(
            name for name in steps if any(EVENTS[event].terminal for event in flow.functions[name].publishes)
        ),
    }

    def functions(entry: Read) -> frozenset[str]:
        return groups[entry["by"]] if isinstance(entry["by"], str) else frozenset(entry["by"])

    published = {event: frozenset(each.name for each in flow.publishers(event)) & steps for event in EVENTS}
    counted = {event: by for event, by in published.items() if by}
    return Telemetry(
        namespace=read["namespace"],
        units=dict.fromkeys(counted, "Count") | {metric: entry["unit"] for metric, entry in read["metrics"].items()},
        functions=counted | {metric: functions(entry) for metric, entry in read["metrics"].items()},
        lines={
            event: Line(
                entry["level"], functions(entry), frozenset(entry["fields"]), frozenset(entry.get("sometimes", ()))
            )
            for event, entry in read["lines"].items()
        },
        always=frozenset(read["always"]),
    )
