"""The timeline of an order."""

import json
from datetime import datetime
from typing import Any

from rich.highlighter import JSONHighlighter
from rich.table import Column, Table
from rich.text import Text

from tools.base.console import console
from tools.base.events import KEY, NOUN, Direction, direction_of
from tools.base.times import clock
from tools.base.transitions import EVENT_OF_STATUS

WIDTH = 28
"""Characters that the whole saga takes in the drawing."""
JSON_COLOURS = JSONHighlighter()


def draw(record: dict[str, Any]) -> None:
    """Print an order's timeline, a line a status: when it came, and how long after the one before."""
    times = [datetime.fromisoformat(change["at"]) for change in record["history"]]
    whole = max((times[-1] - times[0]).total_seconds(), 0.001)
    table = Table(
        "status",
        "at (UTC)",
        "after",
        Column("", no_wrap=True),
        title=f"{NOUN} {record[KEY]}",
        title_justify="left",
    )
    for index, (change, time) in enumerate(zip(record["history"], times, strict=True)):
        since = (time - times[max(index - 1, 0)]).total_seconds()
        start = round((time - times[0]).total_seconds() / whole * WIDTH - since / whole * WIDTH)
        bar = " " * start + "━" * max(round(since / whole * WIDTH), 0) + "●"
        colour = colour_of(change["status"])
        table.add_row(Text(change["status"], colour), clock(time), f"{since * 1000:.0f} ms" if index else "", bar)
    console.print(table)


def show_record(record: dict[str, Any]) -> None:
    """Print an order's record as JSON, its history last."""
    fields = [f"  {json.dumps(name)}: {json.dumps(value)}" for name, value in record.items() if name != "history"]
    history = ",\n".join(f"    {json.dumps(change)}" for change in record["history"])
    console.print(
        JSON_COLOURS("{\n" + ",\n".join([*fields, f'  "history": [\n{history}\n  ]']) + "\n}"), soft_wrap=True
    )


def colour_of(status: str) -> str:
    """Return the colour of a status: that of its event's direction, bold at a good end; none for an unknown status."""
    if (event := EVENT_OF_STATUS.get(status)) is None:
        return "default"
    direction = direction_of(event)
    return f"bold {direction.colour}" if event.terminal and direction is Direction.SUCCESS else direction.colour
