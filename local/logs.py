"""What the functions logged."""

import json
from typing import Any

from rich.markup import escape

from local.console import console
from local.stack import Stack, aws_problems

SHOWN = ("status", "fields", "heard", "delivery", "emitted", "milliseconds", "reason")


def show(stack: Stack, order_id: str | None = None) -> None:
    """Print the functions' own log lines, oldest first; with an order's id, those of this order alone."""
    with aws_problems(stack.target):
        logs = stack.target.session().client("logs", endpoint_url=stack.target.endpoint)
        group = stack.physical_id("LogGroup")
        pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group)
        messages = [event["message"] for page in pages for event in page["events"]]
    lines = [line for message in messages for line in own_lines(message)]
    for line in sorted(lines, key=lambda line: str(line["timestamp"])):
        if order_id in {None, line.get("correlation_id")}:
            _print(line)


def own_lines(message: str) -> list[dict[str, Any]]:
    """Give the structured lines among what a function wrote; the platform and the metrics write there as well."""
    own = []
    for text in message.splitlines():
        try:
            line = json.loads(text)
        except ValueError:
            continue
        if isinstance(line, dict) and "level" in line:
            own.append(line)
    return own


def _print(line: dict[str, Any]) -> None:
    colour = {"WARNING": "yellow", "ERROR": "red"}.get(line["level"], "default")
    details = " ".join(f"{name}={line[name]}" for name in SHOWN if line.get(name) is not None)
    order = line.get("correlation_id") or ""
    origin = f"[dim]{line['timestamp']}[/] [{colour}]{line['service']:<9}[/] [dim]{order}[/]"
    console.print(f"{origin} {line['message']} {escape(details)}", soft_wrap=True)
