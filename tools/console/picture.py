"""The choreography for a page: its generated picture, and who publishes and consumes what."""

from functools import cache
from threading import Lock
from typing import Any

from tools.base.transitions import EVENTS

_ONE_AT_A_TIME = Lock()


def choreography() -> dict[str, Any]:
    """Return the picture as SVG and its parts by name; it takes a second the first time."""
    with _ONE_AT_A_TIME:
        return _choreography()


@cache
def _choreography() -> dict[str, Any]:
    # Both import the functions' own code, and the picture a library that draws.
    from tools.project.choreography import picture  # noqa: PLC0415
    from tools.project.choreography.flow import Flow  # noqa: PLC0415

    flow = Flow.of_this_project()
    return {
        "svg": picture.svg(flow),
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
