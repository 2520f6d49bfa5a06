"""The choreography, derived from the template (who consumes and may publish what) and the code (who publishes what).

It is written nowhere else. The rules' patterns say which events reach a function, the roles' conditions which events it
may publish, a step's annotation what it consumes and publishes, the event classes what follows what and where it ends.
"""

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Any

from pydantic.alias_generators import to_camel

from saga.event import Event
from saga.step import Step
from tools.base.target import ROOT
from tools.project.choreography.located import Located, load
from tools.project.transitions import EVENTS

TEMPLATE = "template.yaml"


@dataclass(frozen=True)
class Place:
    """A line of a file, as editors and terminals link to it."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"

    @classmethod
    def of(cls, code: Any) -> "Place":
        """Give where a class or function is defined."""
        file = Path(inspect.getsourcefile(code) or "?").resolve()
        name = str(file.relative_to(ROOT)) if file.is_relative_to(ROOT) else file.name
        lines, first = inspect.getsourcelines(code)
        # The first line may be a decorator.
        definition = next(index for index, line in enumerate(lines) if line.lstrip().startswith(("def ", "class ")))
        return cls(name, first + definition)


@dataclass(frozen=True)
class Function:
    """One function: what the template says of it, and what its code says."""

    name: str
    service: str
    does: str
    place: Place
    """Where the template declares it."""
    handler: Place
    """Where its code is."""
    triggers: tuple[str, ...]
    """What starts it beside events: `POST /orders`, `rate(1 minute)`."""
    rules: Mapping[str, Place]
    """The events that its rules bring, and where they say so."""
    role: Place
    may_publish: Mapping[str, Place]
    """The events that its role lets it publish, and where it says so."""
    consumes: tuple[str, ...]
    """The events that its annotation takes; none if it is no step."""
    publishes: tuple[str, ...]
    """The events that its annotation gives; if it is no step and starts the saga, what its role lets it publish."""
    is_step: bool

    @property
    def recovers(self) -> bool:
        """Tell whether it publishes again what others published: it is no step, and runs on a schedule."""
        return not self.is_step and any(trigger.startswith(("rate(", "cron(")) for trigger in self.triggers)


@dataclass(frozen=True)
class Flow:
    """The whole choreography: the functions as the template orders them, the events as the code does."""

    functions: Mapping[str, Function]
    events: Mapping[str, type[Event]]

    @classmethod
    def of(
        cls,
        template: str,
        handler_of: Callable[[str], Any] | None = None,
        events: Mapping[str, type[Event]] = EVENTS,
    ) -> "Flow":
        """Derive it from a template's text; `handler_of` gives the code that a function's `Handler` names.

        Raises `KeyError` if a function lacks a role or a handler, `ImportError` if its code is not there.
        """
        resources = load(template)["Resources"]
        declared = {name: found["Properties"] for name, found in resources.items() if found["Type"] == FUNCTION}
        functions = {
            str(name): _function(name, properties, resources, handler_of or imported)
            for name, properties in declared.items()
        }
        return cls(functions, events)

    @classmethod
    def of_this_project(cls) -> "Flow":
        """Derive it from this checkout."""
        return cls.of((ROOT / TEMPLATE).read_text())

    def publishers(self, event: str) -> list[Function]:
        """Give who publishes an event: steps, and what starts the saga."""
        return [function for function in self.functions.values() if event in function.publishes]

    def consumers(self, event: str) -> list[Function]:
        """Give whom the template's rules bring an event to."""
        return [function for function in self.functions.values() if event in function.rules]

    @cached_property
    def recoverers(self) -> list[Function]:
        """Who publishes again what stands still."""
        return [function for function in self.functions.values() if function.recovers]

    def followers(self, event: str) -> list[str]:
        """Give the events that may follow an event."""
        return [name for name, other in self.events.items() if self.events[event] in other.follows]

    def published_after(self, function: Function, event: str) -> list[str]:
        """Give what a function publishes when it consumed this event."""
        return [name for name in function.publishes if name in self.followers(event)]

    def is_failure(self, event: str) -> bool:
        """Tell whether an event is where things go wrong: it says a reason that its predecessors did not have."""
        return "failureReason" in self.added(event)

    def is_compensation(self, event: str) -> bool:
        """Tell whether an event takes back what another one did."""
        return self.events[event].compensates is not None

    def compensates(self, function: Function) -> bool:
        """Tell whether a function is a compensation: all that it publishes takes something back."""
        return function.is_step and all(
            self.is_compensation(event) for event in function.publishes if event in self.events
        )

    def added(self, event: str) -> list[str]:
        """Give the fields, camelCase, that an event adds to what all its predecessors carry."""
        kind = self.events[event]
        before = set.intersection(*(set(other.model_fields) for other in kind.follows)) if kind.follows else set()
        return [to_camel(name) for name in kind.model_fields if name not in before]

    def paths(self) -> Iterator[list[str]]:
        """Give every way that an order can go, event by event, by what the types allow."""
        for name, event in self.events.items():
            if not event.follows:
                yield from self._paths([name])

    def _paths(self, path: list[str]) -> Iterator[list[str]]:
        following = [event for event in self.followers(path[-1]) if event not in path]
        if not following:
            yield path
        for event in following:
            yield from self._paths([*path, event])


FUNCTION = "AWS::Serverless::Function"


def imported(handler: str) -> Any:
    """Give the code that a `Handler` names: `payments.charge_payment.handler`."""
    module, name = handler.rsplit(".", 1)
    return getattr(import_module(module), name)


def _function(
    name: Located, properties: Mapping[str, Any], resources: Mapping[Located, Any], handler_of: Callable[[str], Any]
) -> Function:
    code = handler_of(properties["Handler"])
    role, _ = properties["Role"]["GetAtt"].split(".")
    (role_at,) = (resource for resource in resources if resource == role)
    may_publish = dict(_may_publish(resources[role_at]["Properties"]))
    step = code if isinstance(code, Step) else None
    triggers = tuple(_triggers(properties))
    plain = inspect.unwrap(code)
    recovers = step is None and any("(" in trigger for trigger in triggers)
    return Function(
        name=str(name),
        service=properties["Handler"].partition(".")[0],
        does=(inspect.getdoc(plain) or "").partition("\n")[0],
        place=Place(TEMPLATE, name.line),
        handler=Place.of(plain),
        triggers=triggers,
        rules=dict(_rules(properties)),
        role=Place(TEMPLATE, role_at.line),
        may_publish=may_publish,
        consumes=tuple(event.detail_type for event in step.consumes) if step else (),
        publishes=tuple(event.detail_type for event in step.publishes)
        if step
        else ()
        if recovers
        else tuple(may_publish),
        is_step=step is not None,
    )


def _rules(properties: Mapping[str, Any]) -> Iterator[tuple[str, Place]]:
    for source in properties.get("Events", {}).values():
        if source["Type"] == "EventBridgeRule":
            yield from _named(source["Properties"]["Pattern"]["detail-type"])


def _triggers(properties: Mapping[str, Any]) -> Iterator[str]:
    for source in properties.get("Events", {}).values():
        asked = source["Properties"]
        if source["Type"] == "Api":
            yield f"{asked['Method']} {asked['Path']}"
        if source["Type"] in {"Schedule", "ScheduleV2"}:
            yield str(asked.get("Schedule") or asked["ScheduleExpression"])


def _may_publish(role: Mapping[str, Any]) -> Iterator[tuple[str, Place]]:
    for policy in role.get("Policies", []):
        for statement in policy["PolicyDocument"]["Statement"]:
            for keys in statement.get("Condition", {}).values():
                yield from _named(keys.get("events:detail-type", []))


def _named(events: Iterable[Located]) -> Iterator[tuple[str, Place]]:
    for event in events:
        yield str(event), Place(TEMPLATE, event.line)
