"""What orders cost: the calls are counted, the sums are right, and the pages say the same."""

import json
import re
from collections import Counter
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from orders import recover_orders
from payments import provider
from tests.contract.observability import OBSERVABILITY
from tests.contract.template import FUNCTIONS as FUNCTIONS_OF_THE_TEMPLATE
from tests.contract.template import ROOT, TEMPLATE
from tests.unit import http
from tests.unit.moto_stack import Context, Log, MotoStack
from tests.unit.stories import CONSUMED_BY, DECLINED, HAPPY, OUT_OF_STOCK, UNDELIVERABLE, Story
from tests.unit.world import FUNCTIONS, envelope
from tools.base.transitions import TERMINAL
from tools.shop import cost

PRICES = cost.prices()
SHARE = cost.monthly_share(PRICES)
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
    computed = {**cost.of_a_million("happy", cost.COUNTED["happy"], PRICES), "Alarms and metrics": SHARE}
    assert said == {service: pytest.approx(dollars, abs=0.006) for service, dollars in computed.items()}
    assert f"**{sum(computed.values()):.2f}**" in page


def test_what_a_stack_costs_by_the_month_is_what_the_page_says() -> None:
    page = (ROOT / "docs" / "scaling.md").read_text().partition("## What it costs")[2]
    assert f"${sum(cost.of_a_month(PRICES).values()):.2f} a month" in page
    beside = cost.optional(cost.COUNTED["happy"], PRICES)
    assert f"${beside['Traces']:.2f}" in page
    assert f"${beside['Archive, 30 days']:.2f}" in page


def test_the_memory_is_the_templates() -> None:
    least = TEMPLATE["Globals"]["Function"]["MemorySize"]
    memory = {name: function.get("MemorySize", least) / 1024 for name, function in FUNCTIONS_OF_THE_TEMPLATE.items()}
    waiting = {"ChargePayment", "ConfirmPayment", "RefundPayment", "NotifyShipping"}
    assert {name for name, gb in memory.items() if gb == cost.WAITING_MEMORY_GB} == waiting
    assert {gb for name, gb in memory.items() if name not in waiting | {"RecoverOrders"}} == {cost.MEMORY_GB}


def test_the_alarms_are_the_templates() -> None:
    alarms = [each for each in OBSERVABILITY["Resources"].values() if each["Type"] == "AWS::CloudWatch::Alarm"]
    assert len([alarm for alarm in alarms if alarm.get("Condition") != "HasReceivePaymentHint"]) == cost.ALARMS


def test_the_metrics_are_those_of_a_happy_order_and_of_recovery(
    stack: MotoStack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, log: Log
) -> None:
    monkeypatch.setattr(provider.adapter, "books", tmp_path / "books.sqlite")
    stack.stock("MEASURED", 10)
    http.post(http.ORDER | {"sku": "MEASURED"})
    while (consumed := stack.wire.published[-1]).detail_type in CONSUMED_BY:
        FUNCTIONS[CONSUMED_BY[consumed.detail_type]](envelope(consumed.detail_type, consumed.content), Context())
    recover_orders.handler({"time": "2026-01-01T00:00:00Z"}, Context())
    # In a test all functions have one service; deployed, this metric is one for each.
    names = Counter(
        metric["Name"] for line in log.lines for each in line["_aws"]["CloudWatchMetrics"] for metric in each["Metrics"]
    )
    assert len(names) + names["FirstDeliveries"] - 1 == cost.METRICS


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
    assert f"{sum(cost.of_a_million('happy', cost.COUNTED['happy'], PRICES).values()) + SHARE:.2f}" in last
