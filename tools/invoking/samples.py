"""Chooses the function to invoke and its event, by the template's rules, routes and schedules."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from saga.event import Event
from tools.base.problem import ProblemError
from tools.base.target import ROOT
from tools.base.transitions import EVENTS
from tools.project.choreography.flow import Flow

SAMPLES = ROOT / "events"


@dataclass(frozen=True)
class Call:
    """A function by its name in the template, and the event that it is called with."""

    function: str
    event: Mapping[str, Any]
    file: str

    @property
    def consumed(self) -> Event | None:
        """The saga's event in it; None if it is a request, or the schedule's.

        Raises `ProblemError` naming the fields that are wrong.
        """
        kind = EVENTS.get(str(self.event.get("detail-type")))
        if kind is None:
            return None
        try:
            return kind.from_fields(self.event.get("detail") or {})
        except ValidationError as error:
            wrong = "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors())
            raise ProblemError(
                f"the {kind.detail_type} in {self.file} is malformed, {wrong}: fix it, "
                "or see with `make trigger-poison` what becomes of such an event"
            ) from None


def choose(flow: Flow, function: str | None, event: str | None) -> Call:
    """Return the call that is meant; either name follows from the other where there is one choice.

    `event` is a file, or the name of an event that there is a sample of. Raises `ProblemError` naming the choices.
    """
    if function not in {None, *flow.functions}:
        raise ProblemError(f"there is no function {function}: choose one of {', '.join(flow.functions)}")
    calls = list(_calls(flow, [_file_of(event)] if event else sorted(SAMPLES.glob("*.json"))))
    if not calls:
        raise ProblemError(f"no function is called with an event like {event}: {_samples()}")
    if function is None and event is None:
        raise ProblemError(
            f"which function? As in FUNCTION={next(iter(flow.functions))}; there are {', '.join(flow.functions)}"
        )
    meant = [call for call in calls if function in {None, call.function}]
    if not meant:
        raise ProblemError(f"{function} is not called with {event}, {_words(call.function for call in calls)} is")
    if len(meant) > 1:
        several = {f"FUNCTION={call.function}" if event else f"EVENT={call.file}" for call in meant}
        raise ProblemError(f"more than one call is possible: add {_words(sorted(several))}")
    return meant[0]


def requests() -> Iterator[tuple[str, str, str]]:
    """Return the sample requests that have a body: method, path and body."""
    for file in sorted(SAMPLES.glob("*.json")):
        event = _read(file)
        if event.get("body"):
            yield event["httpMethod"], event["resource"], event["body"]


def _calls(flow: Flow, files: Iterable[Path]) -> Iterable[Call]:
    for file in files:
        event = _read(file)
        name = str(file.relative_to(ROOT)) if file.is_relative_to(ROOT) else str(file)
        yield from (Call(function, event, name) for function in _called_with(event, flow))


def _called_with(event: Mapping[str, Any], flow: Flow) -> list[str]:
    """Return the functions that such an event calls: those that consume it, or have its route or its schedule."""
    if event.get("detail-type") == "Scheduled Event":
        return [function.name for function in flow.recoverers]
    route = f"{event.get('httpMethod')} {event.get('resource')}"
    consumers = {function.name for function in flow.consumers(str(event.get("detail-type")))}
    return [name for name, function in flow.functions.items() if name in consumers or route in function.routes]


def _file_of(event: str) -> Path:
    samples = {str(_read(file).get("detail-type")): file for file in SAMPLES.glob("*.json")}
    path = samples.get(event) or Path(event).resolve()
    if not path.is_file():
        raise ProblemError(f"there is no file {event}: {_samples()}")
    return path


def _read(file: Path) -> dict[str, Any]:
    try:
        event = json.loads(file.read_text())
    except (OSError, ValueError) as error:
        raise ProblemError(f"{file} is not JSON: {error}") from None
    if not isinstance(event, dict):
        raise ProblemError(f"{file} is not an event: it holds no JSON object")
    return event


def _samples() -> str:
    return f"the samples are {', '.join(sorted(str(file.relative_to(ROOT)) for file in SAMPLES.glob('*.json')))}"


def _words(names: Iterable[str]) -> str:
    return " or ".join(names)
