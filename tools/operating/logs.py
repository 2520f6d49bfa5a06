"""The log lines of the functions."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from rich.text import Text

from tools.base.console import console, problems, styled
from tools.base.events import KEY
from tools.base.problem import ProblemError
from tools.base.stack import Stack
from tools.base.transitions import TERMINAL
from tools.emulator.backends import adapter
from tools.operating.record import find, no_order

SHOWN = ("status", "fields", "consumed", "replay", "delivery", "published", "milliseconds", "reason")
NOTHING = "there is no log line: none has arrived yet, or they have expired"
SHORT = 8
"""Characters of an event's id that are enough to tell two of them apart."""
BEFORE = timedelta(minutes=1)
"""How far clocks may lie apart: lines are looked for from so long before an order's creation on."""
AFTER = timedelta(days=1)
"""How long after its end an order's lines are looked for, at the most."""


class LogGroup:
    """The log group that all functions write to."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._place = adapter(stack.target)
        self.name = stack.physical_id("LogGroup")

    def lines(
        self, phrase: str | None = None, since: datetime | None = None, until: datetime | None = None
    ) -> list[dict[str, Any]]:
        """Return the functions' own lines with a phrase in them, oldest first, written between two times."""
        between = dict[str, int]()
        if since:
            between["startTime"] = int(since.timestamp() * 1000)
        if until:
            between["endTime"] = int(until.timestamp() * 1000)
        messages = self._place.log_messages(self._stack, self.name, phrase, between)
        return sorted((line for message in messages for line in own_lines(message)), key=time_of)

    def messages(self) -> list[str]:
        """Return all that the functions and their platform wrote."""
        return self._place.log_messages(self._stack, self.name, None, {})

    def lines_of(self, order_id: str, record: Mapping[str, Any] | None) -> list[dict[str, Any]]:
        """Return the lines of one order, oldest first; its record tells from when to when there may be some."""
        since, until = times_of(record) if record else (None, None)
        lines = self.lines(order_id, since, until)
        return [line for line in lines if order_id in (line.get(KEY), line.get("correlation_id"))]


def times_of(record: Mapping[str, Any]) -> tuple[datetime, datetime | None]:
    """Return from when to when an order's lines are looked for; while it is in flight, up to now."""
    created, updated = (datetime.fromisoformat(record[name]) for name in ("createdAt", "updatedAt"))
    return created - BEFORE, updated + AFTER if record["status"] in TERMINAL else None


def show(stack: Stack, order_id: str | None = None) -> None:
    """Print the functions' own log lines, oldest first; with an order's id, those of this order alone.

    Raises `ProblemError` if there is no such order, and no line about it either.
    """
    group = LogGroup(stack)
    record = find(stack, order_id) if order_id else None
    lines = group.lines_of(order_id, record) if order_id else group.lines()
    if order_id and not lines and record is None:
        raise ProblemError(no_order(stack, order_id))
    for line in lines:
        _print(line)
    if not lines:
        problems.print(styled("[yellow]![/] {}", NOTHING), soft_wrap=True)


def own_lines(message: str) -> list[dict[str, Any]]:
    """Return the structured lines among what a function wrote, without the metrics in them; the platform writes too."""
    own = []
    for text in message.splitlines():
        try:
            line = json.loads(text)
        except ValueError:
            continue
        if isinstance(line, dict) and "level" in line and _has_time(line):
            own.append({"service": "", "message": "", "function_name": ""} | _without_metrics(line))
    return own


def _without_metrics(line: dict[str, Any]) -> dict[str, Any]:
    # CloudWatch takes them out of the line; who reads it wants what it says.
    try:
        names = {metric["Name"] for each in line["_aws"]["CloudWatchMetrics"] for metric in each["Metrics"]}
    except (KeyError, TypeError):
        return line
    return {name: value for name, value in line.items() if name not in {"_aws", *names}}


def _has_time(line: Mapping[str, Any]) -> bool:
    # Whoever may write to the group may write anything; a time without a zone cannot be compared with the others.
    try:
        return time_of(line).tzinfo is not None
    except (KeyError, TypeError, ValueError):
        return False


def time_of(line: Mapping[str, Any]) -> datetime:
    """Return the time at which a line was written."""
    return datetime.fromisoformat(line["timestamp"])


def _print(line: dict[str, Any]) -> None:
    colour = {"WARNING": "yellow", "ERROR": "red"}.get(str(line["level"]), "")
    details = " ".join(f"{name}={_told(line, name)}" for name in SHOWN if line.get(name) is not None)
    parts = [
        (str(line.get("timestamp", "")), "dim"),
        (f"{line.get('service', '')!s:<9}", colour),
        (str(line.get("correlation_id") or ""), "dim"),
        (str(line.get("message", "")), ""),
        (details, ""),
    ]
    console.print(Text(" ").join(Text(*part) for part in parts), soft_wrap=True)


def _told(line: dict[str, Any], name: str) -> str:
    event_id = line.get(f"{name}Id")
    return f"{line[name]}({str(event_id)[:SHORT]})" if event_id else f"{line[name]}"
