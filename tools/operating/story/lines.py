"""Reads what the functions' log lines say of one order: what was published, delivered and written, and by whom."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

from saga.telemetry import Line
from tools.base.events import FIRST
from tools.base.transitions import EVENTS, TRANSITIONS
from tools.operating.logs import time_of
from tools.operating.story.parts import FAILED, Change, Delivery, Origin, Publication

Lines = Sequence[Mapping[str, Any]]
MILLISECOND = timedelta(milliseconds=1)
PUBLICATIONS: dict[str, Literal["announced", "published again", "left to recovery"]] = {
    Line.STARTED: "announced",
    Line.RECOVERED: "published again",
    Line.LEFT_TO_RECOVERY: "left to recovery",
}
"""What a line says, and what that means."""


def named(lines: Lines, functions: Mapping[str, str]) -> list[Mapping[str, Any]]:
    """Return the lines, oldest first, with the functions' names as the template has them."""
    own = [{**line, "function_name": functions.get(line["function_name"], line["function_name"])} for line in lines]
    return sorted(own, key=time_of)


def publications(lines: Lines) -> Iterator[Publication]:
    """Yield what went on the bus without a step, in the order of the lines."""
    for line in lines:
        if line.get("event") in PUBLICATIONS:
            yield Publication(
                kind=PUBLICATIONS[line["event"]],
                function=line["function_name"],
                at=time_of(line),
                published=line.get("published", FIRST.detail_type),
                published_id=line.get("publishedId"),
                reason=line.get("reason"),
            )


def deliveries(lines: Lines) -> Iterator[Delivery]:
    """Yield what the steps consumed, in the order of the lines."""
    sent = _sent(lines)
    attempts: Counter[tuple[str, ...]] = Counter()
    for line in lines:
        if line.get("event") not in {Line.STEP, Line.STEP_FAILED}:
            continue
        consumed_id, replay = line.get("consumedId") or "", line.get("replay")
        this = (line["function_name"], consumed_id, replay or "")
        attempts[this] += 1
        attempt = attempts[this] if consumed_id else 1
        began = time_of(line) - line["milliseconds"] * MILLISECOND
        origin, published = sent.get(consumed_id, (Origin(kind="unknown"), None))
        # A replayed event keeps the id of the event that it repeats.
        if replay:
            origin, published = Origin(kind="replay", replay=replay), None
        yield Delivery(
            function=line["function_name"],
            began=began,
            ended=time_of(line),
            milliseconds=line["milliseconds"],
            consumed=line.get("consumed"),
            consumed_id=line.get("consumedId"),
            origin=origin,
            waited=max((began - published) / MILLISECOND, 0) if published and attempt == 1 else None,
            attempt=attempt,
            delivery=line.get("delivery", FAILED),
            published=line.get("published"),
            published_id=line.get("publishedId"),
            reason=line.get("reason"),
            cold_start=bool(line.get("cold_start")),
            trace_id=line.get("xray_trace_id"),
        )


def changes(record: Mapping[str, Any], sent: Sequence[Publication], consumed: Sequence[Delivery]) -> Iterator[Change]:
    """Yield the record's history, with who made each entry as far as the lines tell."""
    by = [(told.published, told.function) for told in sent if told.kind != "published again"]
    by += [(told.published, told.function) for told in consumed if told.published and told.delivery == "first"]
    # An event that the code does not know any more is one of an older version.
    made = {EVENTS[published].status: function for published, function in by if published in EVENTS}
    before = None
    for entry in record["history"]:
        status, at = entry["status"], datetime.fromisoformat(entry["at"])
        yield Change(status=status, at=at, function=made.get(status) or _failed_after(consumed, (before, status), at))
        before = status


def _sent(lines: Lines) -> dict[str, tuple[Origin, datetime]]:
    """Return the origin of each event and its time, by the event's id."""
    kinds: dict[str, Literal["creation", "recovery", "step"]] = {
        Line.STARTED: "creation",
        Line.RECOVERED: "recovery",
        Line.STEP: "step",
    }
    return {
        line["publishedId"]: (Origin(kind=kinds[line["event"]], function=line["function_name"]), time_of(line))
        for line in lines
        if line.get("event") in kinds and line.get("publishedId")
    }


def _failed_after(consumed: Sequence[Delivery], move: tuple[str | None, str], at: datetime) -> str | None:
    """Return the step that wrote this move and failed afterwards: its log line does not name the move."""
    for told in consumed:
        consumes = told.consumed in EVENTS and EVENTS[told.consumed].status == move[0]
        ran = told.began - MILLISECOND <= at <= told.ended + MILLISECOND
        if told.delivery == FAILED and consumes and ran and move in TRANSITIONS:
            return told.function
    return None
