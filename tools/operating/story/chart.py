"""Draws the story of an order: its rows, in time order, each with a bar on one time axis."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC

from rich.console import Group, RenderableType
from rich.table import Column, Table
from rich.text import Text

from tools.base.events import NOUN
from tools.base.times import span
from tools.operating.story.axis import Axis, Stretch
from tools.operating.story.lines import MILLISECOND
from tools.operating.story.parts import FAILED
from tools.operating.story.rows import Row, rows
from tools.operating.story.story import Story
from tools.operating.timeline import colour_of

WIDE = 100
"""Columns of a page from which on there is room for how long each event was on its way."""
BESIDE_THE_BARS, BESIDE_THEM_NARROW = 76, 68
"""Characters that the other columns take, on a wide page and on a narrow one."""
FEWEST = 12
"""Characters for the bars, however narrow the page is."""
MOST = 60
"""Rows: of a longer story, the middle is left out."""
LEGEND = "━ step  ╌ its event's way: the bus, Lambda's queue, a cold start  ┊ cut out"


def picture(story: Story, width: int) -> RenderableType:
    """Return the drawing of a story, made for a page of so many columns."""
    everything = rows(story)
    first, last = everything[: MOST // 2], everything[MOST // 2 :][-MOST // 2 :]
    left_out = len(everything) - len(first) - len(last)
    beside = BESIDE_THE_BARS if width >= WIDE else BESIDE_THEM_NARROW
    axis = Axis.over([(row.began, row.ended) for row in everything], max(width - beside, FEWEST))
    table = Table(
        "function",
        "event",
        "delivery",
        Column("took", justify="right"),
        Column(_scale(axis), width=axis.columns),
        box=None,
        pad_edge=False,
        padding=(0, 2 if width >= WIDE else 1, 0, 0),
    )
    gap = (first[-1].began, last[0].began) if left_out else (axis.end, axis.begin)
    cuts = [_cut(cut) for cut in axis.cuts if not gap[0] <= cut[0] <= cut[1] <= gap[1]]
    omission = [_omission(left_out, gap)] if left_out else []
    for row in sorted([*first, *omission, *last, *cuts], key=lambda row: row.began):
        took = f"{row.took}\nwaited {row.waited}" if row.waited and width >= WIDE else row.took
        table.add_row(row.who, row.what, row.kind, took, _bar(row, axis), style=row.colour)
    created = Text(f"created {story.history[0].at.astimezone(UTC):%Y-%m-%d %H:%M:%S}; times are UTC", style="dim")
    return Group(_title(story), created, table, Text(LEGEND, style="dim"), *_remarks(story))


def _omission(rows_left_out: int, gap: Stretch) -> Row:
    what = Text(f"… {rows_left_out} rows are left out:\nJSON=yes has it all")
    return Row(Text(), what, "", "", *gap, "dim")


def _cut(cut: Stretch) -> Row:
    took = span((cut[1] - cut[0]) / MILLISECOND)
    return Row(Text(), Text("nothing happens for"), "", took, *cut, "dim")


def _bar(row: Row, axis: Axis) -> Text:
    cells = [" "] * axis.columns
    if row.waited_since:
        first, after = axis.column(max(row.waited_since, axis.begin)), axis.column(row.began)
        cells[first:after] = "╌" * (after - first)
    for mark in axis.marks:
        cells[mark] = "┊"
    if row.who:
        first, after = axis.column(row.began), axis.column(row.ended) + 1
        cells[first:after] = "━" * (after - first)
    return Text("".join(cells), no_wrap=True)


def _scale(axis: Axis) -> str:
    whole = span((axis.end - axis.begin) / MILLISECOND)
    return "0" + whole.rjust(axis.columns - 1)


def _title(story: Story) -> Text:
    lasts = span(story.milliseconds)
    how_long = f" after {lasts}" if story.terminal else f", in flight for {lasts}"
    return Text.assemble(f"{NOUN} {story.order_id}: ", (story.status, colour_of(story.status)), how_long)


def _remarks(story: Story) -> Iterator[Text]:
    """Return what the rows have no room for."""
    if not story.lines:
        yield Text("no log line reports it (none has arrived yet, or they have expired): this is from its record")
    elif story.untold:
        yield Text("what no log line reports is from its record: the line has not arrived yet, or the step died")
    failures = [(told.function, told.reason or "") for told in story.deliveries if told.delivery == FAILED]
    failures += [(told.function, told.reason) for told in story.publications if told.reason]
    for (function, reason), times in Counter(failures).items():
        yield Text(f"✘ {function}{f', {times} times' if times > 1 else ''}: {reason}", style="red")
