"""The choreography for a page: its generated picture, and who publishes and consumes what."""

from functools import cache
from threading import Lock
from typing import Any

from tools.base.transitions import EVENTS

_ONE_AT_A_TIME = Lock()


def choreography() -> dict[str, Any]:
    """Return the events and functions by name; it takes a second the first time."""
    with _ONE_AT_A_TIME:
        return _drawn()[1]


def svg() -> str:
    """Return the picture; it takes a second the first time."""
    with _ONE_AT_A_TIME:
        return _drawn()[0]


@cache
def _drawn() -> tuple[str, dict[str, Any]]:
    # Both import the functions' own code, and the picture a library that draws.
    from tools.project.choreography import picture  # noqa: PLC0415
    from tools.project.choreography.flow import Flow  # noqa: PLC0415

    flow = Flow.of_this_project()
    parts = {
        "events": {
            name: {
                "status": event.status,
                "terminal": bool(event.terminal),
                "way": picture.way_of(flow, name),
                "publishers": [function.name for function in flow.publishers(name)],
                "consumers": [function.name for function in flow.consumers(name)],
                "follows": [before.detail_type for before in event.follows],
            }
            for name, event in EVENTS.items()
        },
        "functions": {
            name: {"does": function.does, "service": function.service, "triggers": function.triggers}
            for name, function in flow.functions.items()
        },
    }
    return picture.svg(flow), parts
