"""The line of an event in a watch: its time, order, type, and the fields that it adds."""

import json
from datetime import UTC, datetime
from functools import cache
from zlib import crc32

from pydantic import ValidationError
from rich.text import Text

from saga.event import Event
from tools.base.events import KEY, added
from tools.base.transitions import EVENTS
from tools.operating.timeline import colour_of
from tools.operating.watch.tap import Envelope

SHORT = 8
"""Characters that stand for an id."""
WIDEST = max(map(len, EVENTS))
ORDER_COLOURS = (
    "cornflower_blue",
    "dark_turquoise",
    "hot_pink",
    "light_salmon1",
    "light_steel_blue",
    "medium_orchid",
    "medium_purple1",
    "orchid1",
    "pale_turquoise1",
    "sandy_brown",
    "sky_blue1",
    "steel_blue1",
)
"""None is a green, red or yellow, which tell how it goes."""


class Lines:
    """Draws the events of one watch.

    An order has its first characters in each line, and its whole id, as `make trace` wants it, in the first of them.
    """

    def __init__(self) -> None:
        self._seen: set[str] = set()

    def draw(self, envelope: Envelope) -> Text:
        """Return the line of an event; of what is no event of the saga, all that it carries."""
        event, detail = event_of(envelope), _detail(envelope)
        order_id = _order_id(envelope)
        names = added(event) if event else tuple(detail)
        if order_id not in self._seen:
            names = tuple(dict.fromkeys((KEY, *names)))
        # Forgotten at its end, so that a long watch needs no more memory than a short one.
        (self._seen.discard if event and event.terminal else self._seen.add)(order_id)
        fields = [f"{_plain(name)}={json.dumps(detail[name])}" for name in names if name in detail]
        time = datetime.fromisoformat(envelope["time"]).astimezone(UTC)
        return Text.assemble(
            (f"{time:%H:%M:%S}Z ", "dim"),
            (f"{_plain(order_id)[:SHORT]:<{SHORT}} ", colour_of_order(order_id)),
            (f"{_plain(envelope['detail-type']):<{WIDEST}} ", colour_of(event.status) if event else "red"),
            ("" if event else "malformed ", "red"),
            "".join(f"{field} " for field in fields),
            (_plain(envelope["id"])[:SHORT], "dim"),
        )


def event_of(envelope: Envelope) -> type[Event] | None:
    """Return what event it is; None if it is none of the saga's, or malformed."""
    event = EVENTS.get(envelope["detail-type"])
    try:
        return type(event.from_fields(envelope["detail"])) if event else None
    except ValidationError:
        return None


def in_the_flow(envelope: Envelope) -> tuple[str, str, int]:
    """Return the place of an event among others, for sorting: by time, and as that is in seconds, by order and step."""
    event = EVENTS.get(envelope["detail-type"])
    return envelope["time"], _order_id(envelope), _step(event) if event else 0


def colour_of_order(order_id: str) -> str:
    """Return an order's colour: the same in each line and in each watch."""
    return ORDER_COLOURS[crc32(order_id.encode()) % len(ORDER_COLOURS)]


@cache
def _step(event: type[Event]) -> int:
    return 1 + max(map(_step, event.follows), default=0)


def _detail(envelope: Envelope) -> Envelope:
    return envelope["detail"] if isinstance(envelope["detail"], dict) else {}


def _order_id(envelope: Envelope) -> str:
    return str(_detail(envelope).get(KEY, "unknown"))


def _plain(text: str) -> str:
    # As JSON, so that no control character of a malformed event gets to the terminal.
    return json.dumps(text)[1:-1]
