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

from saga.event import Event
from saga.step import Step
from tools.base.events import Direction, added, direction_of
from tools.base.target import ROOT
from tools.base.template import FUNCTION, SCHEDULES, TEMPLATE, Template
from tools.base.transitions import EVENTS


@dataclass(frozen=True)
class Place:
    """A line of a file, as editors and terminals link to it."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"

    @classmethod
    def of(cls, code: Any) -> "Place":
        """Return the place where a class or function is defined."""
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
    routes: tuple[str, ...]
    """The requests that start it: `POST /orders`."""
    schedules: tuple[str, ...]
    """The schedules that start it: `rate(1 minute)`."""
    rules: Mapping[str, Place]
    """The events that its rules bring, and where they say so."""
    role: Place
    may_publish: Mapping[str, Place]
    """The events that its role lets it publish, and where it says so."""
    consumes: tuple[str, ...]
    """The events that its annotation takes; none if it is no step."""
    publishes: tuple[str, ...]
    """The events that its annotation gives; of what is no step, the first events that its role lets it publish.

    What else such a function may publish, it publishes again.
    """
    is_step: bool
    is_optional: bool
    """Whether it is deployed under a condition."""

    @property
    def triggers(self) -> tuple[str, ...]:
        """What starts it beside events."""
        return self.routes + self.schedules

    @property
    def recovers(self) -> bool:
        """Whether it publishes again what others published: it is no step, and runs on a schedule."""
        return not self.is_step and bool(self.schedules)


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
        read = Template(template)
        names = [name for name, found in read.resources.items() if found["Type"] == FUNCTION]
        functions = {name: _function(name, read, handler_of or imported, events) for name in names}
        return cls(functions, events)

    @classmethod
    def of_this_project(cls) -> "Flow":
        """Derive it from this checkout."""
        return cls.of((ROOT / TEMPLATE).read_text())

    def publishers(self, event: str) -> list[Function]:
        """Return the functions that publish an event: steps, and what starts the saga."""
        return [function for function in self.functions.values() if event in function.publishes]

    def consumers(self, event: str) -> list[Function]:
        """Return the functions that the template's rules bring an event to."""
        return [function for function in self.functions.values() if event in function.rules]

    @cached_property
    def recoverers(self) -> list[Function]:
        """Who publishes again stuck orders."""
        return [function for function in self.functions.values() if function.recovers]

    def followers(self, event: str) -> list[str]:
        """Return the events that may follow an event."""
        return [name for name, other in self.events.items() if self.events[event] in other.follows]

    def published_after(self, function: Function, event: str) -> list[str]:
        """Return what a function publishes when it consumed this event."""
        return [name for name in function.publishes if name in self.followers(event)]

    def direction(self, event: str) -> Direction:
        """Return which way an order goes with an event."""
        return direction_of(self.events[event], tuple(self.events.values()))

    def is_failure(self, event: str) -> bool:
        """Return whether an order fails with an event."""
        return self.direction(event) is Direction.FAILURE

    def is_compensation(self, event: str) -> bool:
        """Return whether an event takes back what another one did."""
        return self.direction(event) is Direction.COMPENSATION

    def compensates(self, function: Function) -> bool:
        """Return whether a function is a compensation: it publishes that something was taken back."""
        return function.is_step and any(
            self.is_compensation(event) for event in function.publishes if event in self.events
        )

    def added(self, event: str) -> list[str]:
        """Return the fields, camelCase, that an event adds to what all its predecessors carry."""
        return list(added(self.events[event]))

    def paths(self) -> Iterator[list[str]]:
        """Yield every way that an order can go, event by event, by what the types allow."""
        for name, event in self.events.items():
            if not event.follows:
                yield from self._paths([name])

    def _paths(self, path: list[str]) -> Iterator[list[str]]:
        following = [event for event in self.followers(path[-1]) if event not in path]
        if not following:
            yield path
        for event in following:
            yield from self._paths([*path, event])


def imported(handler: str) -> Any:
    """Return the code that a `Handler` names: `service.module.handler`."""
    module, name = handler.rsplit(".", 1)
    return getattr(import_module(module), name)


def _function(
    name: str, template: Template, handler_of: Callable[[str], Any], events: Mapping[str, type[Event]]
) -> Function:
    properties = template.resources[name]["Properties"]
    code = handler_of(properties["Handler"])
    role, _ = properties["Role"]["Fn::GetAtt"]
    may_publish = dict(_may_publish(role, template))
    step = code if isinstance(code, Step) else None
    sources = list(properties.get("Events", {}).values())
    schedules = tuple(_schedules(sources))
    plain = inspect.unwrap(code)
    return Function(
        name=name,
        service=properties["Handler"].partition(".")[0],
        does=(inspect.getdoc(plain) or "").partition("\n")[0],
        place=_place(template, name),
        handler=Place.of(plain),
        routes=tuple(_routes(sources)),
        schedules=schedules,
        rules=dict(_rules(name, template)),
        role=_place(template, role),
        may_publish=may_publish,
        consumes=tuple(event.detail_type for event in step.consumes) if step else (),
        publishes=tuple(event.detail_type for event in step.publishes)
        if step
        else tuple(event for event in may_publish if not schedules and event in events and not events[event].follows),
        is_step=step is not None,
        is_optional="Condition" in template.resources[name],
    )


def _rules(function: str, template: Template) -> Iterator[tuple[str, Place]]:
    for name, source in template.resources[function]["Properties"].get("Events", {}).items():
        if source["Type"] == "EventBridgeRule":
            path = (function, "Properties", "Events", name, "Properties", "Pattern", "detail-type")
            # A rule that names no event is for those of somebody else's bus.
            for index, event in enumerate(source["Properties"]["Pattern"].get("detail-type", [])):
                yield event, _place(template, *path, index)


def _routes(sources: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    for source in sources:
        if source["Type"] == "Api":
            yield f"{source['Properties']['Method']} {source['Properties']['Path']}"


def _schedules(sources: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    for source in sources:
        if source["Type"] in SCHEDULES:
            yield str(source["Properties"].get("Schedule") or source["Properties"]["ScheduleExpression"])


def _may_publish(role: str, template: Template) -> Iterator[tuple[str, Place]]:
    key = "events:detail-type"
    for number, policy in enumerate(template.resources[role]["Properties"].get("Policies", [])):
        for position, statement in enumerate(policy["PolicyDocument"]["Statement"]):
            path = (role, "Properties", "Policies", number, "PolicyDocument", "Statement", position, "Condition")
            for operator, keys in statement.get("Condition", {}).items():
                for index, event in enumerate(keys.get(key, [])):
                    yield event, _place(template, *path, operator, key, index)


def _place(template: Template, *path: str | int) -> Place:
    return Place(TEMPLATE, template.line("Resources", *path))
