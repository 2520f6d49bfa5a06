"""How the story of an order is drawn."""

from collections.abc import Sequence
from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from tests.unit.log_lines import (
    CHARGED,
    CREATED,
    FUNCTIONS,
    HAPPY_LINES,
    RESERVED,
    SHIPPED,
    after,
    announced,
    failed,
    line,
    recovered,
    step,
)
from tests.unit.stories import HAPPY, Told
from tools.operating.story.chart import picture
from tools.operating.story.story import Story


def drawn(lines: Sequence[dict[str, Any]], at: int = 3, width: int = 100, now: float = 200) -> list[str]:
    """Draw a story, and give what is on the page."""
    story = Story.of(Told(HAPPY).record(at), lines, (), FUNCTIONS, after(now))
    page = Console(file=StringIO(), width=width)
    page.print(picture(story, width))
    assert isinstance(page.file, StringIO)
    return [row.rstrip() for row in page.file.getvalue().splitlines()]


def test_each_step_has_a_row_with_its_events_and_a_bar_after_the_one_before() -> None:
    rows = drawn(HAPPY_LINES)
    assert rows[0].endswith("SHIPPING_SCHEDULED after 3000 ms")
    assert rows[1] == "created 2026-01-31 09:30:00; times are UTC"
    bars = [row.index("━") for row in rows if "━" in row and "step" not in row]
    assert len(bars) == 4
    assert bars == sorted(bars)
    assert len(set(bars)) == 4
    first = next(row for row in rows if row.startswith("ReserveInventory"))
    assert first.split()[:6] == ["ReserveInventory", "OrderCreated", "id-0", "first", "50", "ms"]
    under = rows[rows.index(first) + 1]
    assert under.split() == ["09:30:01.085", "→", "InventoryReserved", "id-1", "waited", "860", "ms"]


def test_the_way_of_an_event_is_drawn_up_to_the_step_that_consumes_it() -> None:
    charge = next(row for row in drawn(HAPPY_LINES) if row.startswith("ChargePayment"))
    assert "╌━" in charge
    assert charge.count("╌") > 4


@pytest.mark.parametrize("width", [80, 100, 160])
def test_it_fits_the_page(width: int) -> None:
    lines = [
        *HAPPY_LINES,
        step(CREATED, RESERVED, 70, "duplicate", cold_start=True),
        step(RESERVED, None, 200, "lost race"),
    ]
    rows = drawn(lines, width=width)
    assert max(map(len, rows)) <= width
    assert [row.split()[0] for row in rows if "━" in row and "step" not in row] == [
        "CreateOrder",
        "ReserveInventory",
        "ChargePayment",
        "NotifyShipping",
        "ReserveInventory",
        "ChargePayment",
    ]


@pytest.mark.parametrize("milliseconds", [0.1, 50, 900])
def test_a_bar_is_seen_however_short_the_step_was(milliseconds: float) -> None:
    lines = [announced("id-0"), step(CREATED, RESERVED, 1.01, milliseconds=milliseconds), *HAPPY_LINES[2:]]
    assert "━" in next(row for row in drawn(lines) if row.startswith("ReserveInventory"))


def test_a_duplicate_a_stale_event_and_a_lost_race_are_called_so() -> None:
    lines = [
        *HAPPY_LINES,
        step(CHARGED, SHIPPED, 4, "duplicate"),
        step(CREATED, None, 5, "stale"),
        step(RESERVED, None, 6, "lost race"),
    ]
    text = "\n".join(drawn(lines))
    assert "duplicate" in text
    assert "attempt 2" in text
    assert "stale" in text
    assert "lost race" in text


def test_a_failure_is_marked_in_its_row_and_told_in_full_once() -> None:
    reason = "ProviderError: the gateway did not answer within its 10 seconds"
    lines = [*HAPPY_LINES[:2], *(failed(RESERVED, 2 + attempt, reason) for attempt in range(3))]
    rows = drawn(lines, at=1)
    assert sum("✘ ProviderError" in row and row.startswith("09:30") for row in rows) == 3
    assert [row for row in rows if row.startswith("✘")] == [f"✘ ChargePayment, 3 times: {reason}"]
    assert any("attempt 3" in row for row in rows)


def test_recovery_has_a_row_of_its_own_before_what_it_caused() -> None:
    event = ("InventoryReserved", "id-8")
    # The line is written after the publish; the step was quicker.
    lines = [*HAPPY_LINES[:2], recovered(event, 70.1), step(event, CHARGED, 70.06)]
    who = [row.split()[0] for row in drawn(lines, at=2) if row[:1].isalpha()]
    assert who[who.index("RecoverOrders") + 1] == "ChargePayment"
    assert any("recovered" in row for row in drawn(lines, at=2))


def test_a_replay_has_a_row_of_its_own() -> None:
    rows = drawn([*HAPPY_LINES, step(CREATED, None, 9, "stale", replay="after-the-outage")])
    archive = next(index for index, row in enumerate(rows) if row.startswith("archive"))
    assert "replay after-the-outage" in rows[archive]
    assert rows[archive + 1].startswith("ReserveInventory")


def test_an_order_that_was_not_published_says_why() -> None:
    left = line("publish left to recovery", "CreateOrder", 0.1, reason="PublishError: throttled")
    rows = drawn([left], at=0, now=3)
    assert any("✘ OrderCreated" in row and "left to" in row for row in rows)
    assert "✘ CreateOrder: PublishError: throttled" in rows


def test_a_redrive_is_guessed_where_no_line_tells_the_sender() -> None:
    assert any(
        "sender unknown" in row for row in drawn([*HAPPY_LINES, step(("OrderCreated", "id-7"), None, 9, "stale")])
    )


def test_a_wait_of_minutes_is_cut_out_and_said() -> None:
    rows = drawn([*HAPPY_LINES, recovered(SHIPPED, 250)])
    cut = next(row for row in rows if "nothing happens for" in row)
    assert "4 min 6 s" in cut
    steps = [
        row for row in rows if row.startswith(("CreateOrder", "ReserveInventory", "ChargePayment", "NotifyShipping"))
    ]
    assert len({row.index("━") for row in steps}) == 4
    assert all("┊" in row for row in steps)


def test_an_order_in_flight_ends_with_where_it_stands_and_for_how_long() -> None:
    rows = drawn(HAPPY_LINES[:2], at=1, now=61)
    assert "INVENTORY_RESERVED, in flight for 61.0 s" in rows[0]
    last = next(index for index, row in enumerate(rows) if row.startswith("in flight"))
    assert "INVENTORY_RESERVED" in rows[last]
    assert "for 60.0 s" in rows[last + 1]


def test_an_order_without_lines_is_drawn_from_its_record_and_says_so() -> None:
    rows = drawn([])
    assert [row.split()[1] for row in rows if row.startswith("?")] == [
        "CREATED",
        "INVENTORY_RESERVED",
        "PAYMENT_CHARGED",
        "SHIPPING_SCHEDULED",
    ]
    assert any("no log line reports it" in row for row in rows)


def test_of_a_very_long_story_the_middle_is_left_out() -> None:
    day = 86_400
    lines = [*HAPPY_LINES[:2], *(failed(RESERVED, 60 * n + (day if n > 100 else 0)) for n in range(1, 200))]
    rows = drawn(lines, at=1, now=60 * 201 + day)
    assert any("… 142 rows are left out" in row for row in rows)
    assert not any("nothing happens" in row for row in rows)
    assert any("attempt 199" in row for row in rows)
    assert len(rows) < 200
    assert any("ChargePayment, 199 times" in row for row in rows)
