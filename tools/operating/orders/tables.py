"""Prints the lists of orders for a person."""

from datetime import UTC

from rich.table import Table
from rich.text import Text

from tools.base.console import console, styled
from tools.base.events import NOUN
from tools.base.times import span
from tools.operating.orders.listing import InFlight, Orders
from tools.operating.timeline import colour_of

ROWS = 200
"""Orders in flight that are shown."""
RECENT_ROWS = 50
"""Finished orders that are shown."""


def show(orders: Orders) -> None:
    """Print the orders in flight, oldest first, then the recent ones, newest first."""
    at = f" at {orders.status}" if orders.status else ""
    if orders.in_flight:
        table = _table("age", "stuck for", "")
        for order in orders.in_flight[:ROWS]:
            ages = span(order.age_seconds * 1000), span(order.still_seconds * 1000)
            table.add_row(order.order_id, _coloured(order.status), *ages, _mark(order))
        console.print(styled("[bold]{} in flight{}[/], oldest first", len(orders.in_flight), at), soft_wrap=True)
        _print_whole(table)
        _say_what_is_left_out(len(orders.in_flight) - ROWS)
    else:
        console.print(f"no {NOUN} is in flight{at}")
    if orders.younger_in_flight:
        more = "more than " if orders.not_counted else ""
        console.print(
            f"  … and {more}{orders.younger_in_flight} younger ones, whose status was not read", soft_wrap=True
        )
    _show_recent(orders, at)
    if orders.unreadable:
        console.print(f"✘ records that cannot be read, see the runbook: {', '.join(orders.unreadable)}", soft_wrap=True)


def _show_recent(orders: Orders, standing: str) -> None:
    within = f"taken in the last {orders.minutes} minutes"
    if not orders.recent:
        console.print(f"no {NOUN}{standing} was {within}", soft_wrap=True)
        return
    counts = [Text(f"{count} ").append_text(_coloured(status)) for status, count in orders.by_status.most_common()]
    newest = "the newest of those " if orders.older_left_out else ""
    console.print(Text(f"{newest}{within}", "bold"), Text(", ").join(counts), sep=": ", soft_wrap=True)
    if orders.finished:
        table = _table("taken at (UTC)", "took", "because")
        for order in orders.finished[:RECENT_ROWS]:
            took = span((order.updated_at - order.created_at).total_seconds() * 1000)
            reason = order.failure_reason or ""
            at = f"{order.created_at.astimezone(UTC):%Y-%m-%d %H:%M:%S}"
            table.add_row(order.order_id, _coloured(order.status), at, took, reason)
        _print_whole(table)
        _say_what_is_left_out(len(orders.finished) - RECENT_ROWS)


def _table(*columns: str) -> Table:
    return Table(NOUN, "status", *columns, box=None, pad_edge=False, padding=(0, 2, 0, 0))


def _print_whole(table: Table) -> None:
    """Print each row in full; a narrow screen breaks it, but an order's id can still be copied from there."""
    table.width = console.measure(table, options=console.options.update(max_width=1_000)).maximum
    console.print(table, crop=False, soft_wrap=True)


def _coloured(status: str) -> Text:
    return Text(status, colour_of(status))


def _mark(order: InFlight) -> Text:
    marks = [Text("past its deadline", "red")] if order.past_deadline else []
    if order.held:
        marks.append(Text(f"held since {order.held.astimezone(UTC):%Y-%m-%d %H:%M:%S}", "magenta"))
    if order.stopped:
        marks.append(Text(f"stopped: {order.stopped}", "yellow"))
    if order.due_for_recovery:
        marks.append(Text("due for recovery", "yellow"))
    return Text(", ").join(marks)


def _say_what_is_left_out(count: int) -> None:
    if count > 0:
        console.print(f"  … and {count} more: JSON=yes lists them")
