"""The rows of a story's drawing: what each says, and when it was."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from rich.text import Text

from tools.base.times import clock, span
from tools.operating.logs import SHORT
from tools.operating.story.lines import MILLISECOND
from tools.operating.story.parts import FAILED, Change, Delivery, Publication
from tools.operating.story.story import Story

COLOURS = {"first": "", "duplicate": "yellow", "stale": "dim", "lost race": "yellow", FAILED: "red"}


@dataclass(frozen=True)
class Row:
    """One row of the drawing; the event that it consumes was published at `waited_since`, `waited` ago."""

    who: Text
    what: Text
    kind: str
    took: str
    began: datetime
    ended: datetime
    colour: str = ""
    waited_since: datetime | None = None
    waited: str = ""


def rows(story: Story) -> list[Row]:
    """Return the rows of a story, in the order in which they began."""
    return sorted(_rows(story), key=lambda row: row.began)


def _rows(story: Story) -> Iterator[Row]:
    taken = next((told for told in story.publications if told.kind != "published again"), None)
    for told in story.publications:
        yield _publication(told, story.deliveries, story.history[0].at if told is taken else None)
    yield from map(_change, story.untold)
    for delivery in story.deliveries:
        if delivery.origin.replay:
            what = Text(f"replay {delivery.origin.replay}", overflow="ellipsis", no_wrap=True)
            yield Row(Text("archive"), what, "replay", "", delivery.began, delivery.began, "yellow")
        yield _delivery(delivery)
    if not story.terminal:
        stands = max((story.looked_at - story.history[-1].at) / MILLISECOND, 0)
        what = Text(f"{story.status}\nfor {span(stands)}")
        yield Row(_who("in flight", story.looked_at), what, "", "", story.looked_at, story.looked_at, "bold")


def _publication(told: Publication, deliveries: Sequence[Delivery], created: datetime | None) -> Row:
    # The line is written after the publish: who consumes the event may be quicker.
    consumed = [
        delivery.began for delivery in deliveries if delivery.consumed_id and delivery.consumed_id == told.published_id
    ]
    ended = min([told.at, *consumed])
    began = created or ended
    sent = _event("→", told.published, told.published_id) if told.published_id else Text(f"✘ {told.published}")
    return Row(
        who=_who(told.function, began),
        what=sent,
        kind=told.kind.replace("left to ", "left to\n").replace("published ", "published\n"),
        took=span((told.at - created) / MILLISECOND) if created else "",
        began=began,
        ended=ended,
        colour="" if told.kind == "announced" else "yellow",
    )


def _change(told: Change) -> Row:
    return Row(_who("?", told.at), Text(told.status), "no log\nline", "", told.at, told.at, "dim")


def _delivery(told: Delivery) -> Row:
    what = _event("", told.consumed or "an event", told.consumed_id)
    if told.delivery == FAILED:
        what.append(f"\n✘ {(told.reason or '').partition(':')[0]}")
    elif told.published:
        what.append("\n").append_text(_event("→", told.published, told.published_id))
    if told.origin.kind == "unknown" and told.attempt == 1:
        what.append("\nsender unknown: a redrive or a release?", "dim")
    notes = [told.delivery]
    if told.attempt > 1:
        notes.append(f"attempt {told.attempt}")
    if told.origin.kind == "recovery":
        notes.append("recovered")
    if told.cold_start:
        notes.append("cold start")
    return Row(
        who=_who(told.function, told.began),
        what=what,
        kind="\n".join(notes),
        took=span(told.milliseconds),
        began=told.began,
        ended=told.ended,
        colour=COLOURS.get(told.delivery, ""),
        waited_since=None if told.waited is None else told.began - told.waited * MILLISECOND,
        waited="" if told.waited is None else span(told.waited),
    )


def _who(name: str, at: datetime) -> Text:
    return Text.assemble(name, "\n", (clock(at), "dim"))


def _event(arrow: str, name: str, event_id: str | None) -> Text:
    return Text.assemble(f"{arrow} " if arrow else "", name, (f" {event_id[:SHORT]}" if event_id else "", "dim"))
