"""The event pattern of a watch."""

import json

from contract import Saga
from tools.base.events import KEY
from tools.base.problem import ProblemError
from tools.base.transitions import EVENTS


def pattern_of(events: str = "", order_id: str | None = None) -> str:
    """Return the event pattern for the saga's events: those that are named, separated by commas, and of one order.

    Nothing named means all. Raises `ProblemError` for a name that is no event.
    """
    names = [name.strip() for name in events.split(",") if name.strip()]
    if unknown := [name for name in names if name not in EVENTS]:
        raise ProblemError(f"there is no event {', '.join(unknown)}: choose among {', '.join(EVENTS)}")
    pattern: dict[str, object] = {"source": [Saga.source]}
    if names:
        pattern["detail-type"] = names
    if order_id:
        pattern["detail"] = {KEY: [order_id]}
    return json.dumps(pattern)
