"""What the measurement of one run of recovery starts, counts and reports."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from bench.backlog import Found, section
from bench.backlog.aws import PAGE, Backlog, backlog
from bench.growth.recovering import FUNCTION, TIMEOUT
from bench.section import Section
from saga.table import SHARDS
from tools.base.cloudformation import parse_template
from tools.base.root import ROOT
from tools.base.template import TEMPLATE

FOUND = Found(
    orders=100,
    once=100,
    calls={"Query": 1, "BatchGetItem": 2, "PutEvents": 10},
    figures={
        "recovered": 100,
        "complete": True,
        "seconds": 3.25,
        "processorSeconds": 2.0,
        "megabytesBefore": 75.0,
        "peakMegabytes": 80.0,
    },
)


def test_the_run_has_the_timeout_of_the_function() -> None:
    function = parse_template((ROOT / TEMPLATE).read_text())["Resources"][FUNCTION]
    assert function["Properties"]["Timeout"] * 1_000 == TIMEOUT


def test_the_index_has_every_order_once_page_by_page() -> None:
    with backlog(SHARDS * PAGE + 25, {}) as aws:
        found = [key for shard in range(SHARDS) for key in keys_of(aws, shard)]
        assert sorted(found) == sorted(aws.keys)
        # A page is full or the last: the shards that hold more than one page have two.
        assert aws.calls == {"Query": SHARDS + 10}


def keys_of(aws: Backlog, shard: int) -> Iterator[str]:
    page: dict[str, Any] = {"Items": []}
    while True:
        begin = {"ExclusiveStartKey": page["LastEvaluatedKey"]} if "LastEvaluatedKey" in page else {}
        page = aws.answer("Query", {"ExpressionAttributeValues": {":shard": {"S": str(shard)}}, **begin})
        yield from (item["orderId"]["S"] for item in page["Items"])
        if "LastEvaluatedKey" not in page:
            return


def test_an_order_whose_event_came_twice_counts_as_not_published_once() -> None:
    with backlog(2, {}) as aws:
        entries = [{"Detail": f'{{"orderId": "{key}"}}'} for key in (aws.keys[0], aws.keys[1], aws.keys[1])]
        aws.answer("PutEvents", {"Entries": entries})
        assert aws.published == {aws.keys[0]: 1, aws.keys[1]: 2}


def unmet(found: Section) -> list[str]:
    return [goal.what for goal in found.goals if not goal.met]


@pytest.mark.parametrize(
    ("found", "missed"),
    [
        (FOUND, []),
        (replace(FOUND, once=99), ["one run of recovery gets through"]),
        (replace(FOUND, figures={**FOUND.figures, "complete": False}), ["one run of recovery gets through"]),
        (replace(FOUND, calls={**FOUND.calls, "PutEvents": 11}), ["recovery makes few calls for an order"]),
        (replace(FOUND, figures={**FOUND.figures, "peakMegabytes": 512.0}), ["its memory is bounded"]),
    ],
)
def test_a_goal_is_met_only_if_the_largest_backlog_meets_it(found: Found, missed: list[str]) -> None:
    assert unmet(section([FOUND, found])) == missed


def test_the_table_has_what_was_counted() -> None:
    (table,) = section([FOUND]).tables.values()
    assert table.rows == [("100", "100", "1", "2", "10", "0.130", "3.2", "2.0", "80")]
    assert len(table.columns) == len(table.rows[0])
