"""Draws the choreography as Mermaid, which GitHub shows as a picture."""

from collections.abc import Iterator

from tools.base.events import Direction
from tools.project.choreography.flow import Flow


def draw(flow: Flow) -> str:
    """Return the flowchart: functions are boxes, events are arrows, dotted where things fail or are taken back."""
    return "\n".join(["flowchart LR", *(f"  {line}" for line in _lines(flow))]) + "\n"


def _lines(flow: Flow) -> Iterator[str]:
    for function in flow.functions.values():
        if function.publishes and not function.is_step:
            yield from (f'{function.name}_trigger(["{trigger}"]) --> {function.name}' for trigger in function.triggers)
    for event in flow.events:
        succeeds = flow.direction(event) is Direction.SUCCESS
        start, end = ("--", "-->") if succeeds else ("-.", ".->")
        ends = [function.name for function in flow.consumers(event)] or [_end(flow, event)]
        for publisher in flow.publishers(event):
            yield from (f"{publisher.name} {start} {event} {end} {to}" for to in ends)
    if compensations := [function.name for function in flow.functions.values() if flow.compensates(function)]:
        yield "classDef compensation stroke-dasharray: 5 4"
        yield f"class {','.join(compensations)} compensation"


def _end(flow: Flow, event: str) -> str:
    status = flow.events[event].status
    return f"{status}([{status}])"
