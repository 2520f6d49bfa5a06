"""What orders cost: the calls are counted, the sums are right, and the pages say the same."""

import json
import re
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from payments import provider
from tests.contract.template import ROOT, TEMPLATE
from tests.unit import http
from tests.unit.moto_stack import Context, MotoStack
from tests.unit.stories import CONSUMED_BY, DECLINED, HAPPY, OUT_OF_STOCK, UNDELIVERABLE, Story
from tests.unit.world import FUNCTIONS, envelope
from tools.base.transitions import TERMINAL
from tools.shop import cost

KINDS = {story.name: story for story in (HAPPY, OUT_OF_STOCK, DECLINED, UNDELIVERABLE)}


@pytest.mark.parametrize("story", KINDS.values(), ids=str)
def test_the_calls_of_an_order_are_those_that_are_counted(
    stack: MotoStack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, story: Story
) -> None:
    monkeypatch.setattr(provider.adapter, "books", tmp_path / "books.sqlite")
    sku = f"COUNTED-{story.name}"
    stack.stock(sku, story.stock)
    order_id = http.post(http.ORDER | {"sku": sku, "customerId": story.customer, "quantity": 2}).body["orderId"]
    while (consumed := stack.wire.published[-1]).detail_type in CONSUMED_BY:
        FUNCTIONS[CONSUMED_BY[consumed.detail_type]](envelope(consumed.detail_type, consumed.content), Context())
    record = stack.record(order_id)
    assert record
    assert record["status"] in TERMINAL
    assert {call: stack.wire.calls.count(call) for call in stack.wire.calls} == cost.COUNTED[story.name]


def test_the_benchmark_counted_the_same_calls_on_the_wire() -> None:
    assert json.loads(cost.BENCHMARK.read_text())["calls"] == cost.COUNTED


def test_a_happy_order_costs_what_the_page_says() -> None:
    page = (ROOT / "docs" / "scaling.md").read_text().partition("## What it costs")[2]
    said = {
        row[0]: float(row[1])
        for row in re.findall(r"^\| ([A-Z][\w ]+?)(?:, \w+)? \|.*\| ([\d.]+) \|$", page, re.MULTILINE)
    }
    computed = cost.of_a_million("happy", cost.COUNTED["happy"], cost.prices())
    assert said == {service: pytest.approx(dollars, abs=0.006) for service, dollars in computed.items()}
    assert "**21.76**" in page
    assert sum(computed.values()) == pytest.approx(21.76, abs=0.01)


def test_the_memory_is_the_templates() -> None:
    assert TEMPLATE["Globals"]["Function"]["MemorySize"] == cost.MEMORY_GB * 1024


def test_the_calls_are_the_benchmarks_if_it_was_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "benchmarks.json"
    file.write_text(json.dumps({"calls": {"happy": {"PutItem": 1, "PutEvents": 5}}}))
    monkeypatch.setattr(cost, "BENCHMARK", file)
    assert cost.calls_by_kind() == {"happy": {"PutItem": 1, "PutEvents": 5}}


def test_the_table_shows_every_kind_of_order_and_what_it_sums_up_to() -> None:
    text = StringIO()
    Console(file=text, width=120).print(cost.table())
    assert all(kind in text.getvalue() for kind in KINDS)
    (last,) = [line for line in text.getvalue().splitlines() if "sum" in line]
    assert "21.76" in last
