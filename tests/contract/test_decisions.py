"""What the decisions and the page on scaling say is so: their form, their figures, and what they count."""

import re
from pathlib import Path
from typing import Any

import pytest
from boto3.dynamodb.types import TypeSerializer

from payments import provider
from saga.telemetry import logger
from tests.contract.template import ROOT
from tests.unit import http
from tests.unit.moto_stack import Context, Log, MotoStack
from tests.unit.stories import CONSUMED_BY
from tests.unit.world import FUNCTIONS, envelope

DECISIONS = ROOT / "docs" / "decisions"
INDEX = DECISIONS / "README.md"
PAGES = sorted(set(DECISIONS.glob("*.md")) - {INDEX})
SCALING = (ROOT / "docs" / "scaling.md").read_text()
PARTS = ["Context", "Decision", "Rejected", "How to revert"]


def rows(heading: str) -> list[list[str]]:
    """Return the rows of the table under a heading of the page on scaling, by cell, without its first two lines."""
    (section,) = re.findall(rf"^## {heading}\n(.*?)(?=^## |\Z)", SCALING, re.DOTALL | re.MULTILINE)
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def number(text: str) -> float:
    """Read a figure: `4,000`, or `**21.76**`."""
    return float(text.replace(",", "").strip("*"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_decision_says_why_what_what_else_and_how_to_go_back(page: Path) -> None:
    text = page.read_text()
    assert re.match(r"# \S.*\n\n\*\*Context\.\*\* ", text)
    assert [part for part in re.findall(r"^\*\*([^.*]+)\.\*\*", text, re.MULTILINE) if part in PARTS] == PARTS


def test_the_index_lists_every_decision_once() -> None:
    assert sorted(re.findall(r"^\| \[.+?\]\((.+?)\) \|", INDEX.read_text(), re.MULTILINE)) == [
        page.name for page in PAGES
    ]


@pytest.mark.parametrize("row", rows("Rates against limits"), ids=lambda row: row[0])
def test_a_rate_is_what_an_order_takes_times_the_orders_and_its_limit_has_a_source(row: list[str]) -> None:
    _, an_order, *rates, limit, source = row
    assert [number(rate) for rate in rates] == pytest.approx([number(an_order) * n for n in (10, 1_000, 100_000)])
    assert limit
    assert re.fullmatch(r"the same|\".+\"", source)


def test_the_price_of_an_order_adds_up() -> None:
    *items, total = rows("What it costs")
    assert sum(number(item[-1]) for item in items) == pytest.approx(number(total[-1]), abs=0.005)


def test_a_happy_order_takes_what_the_pages_count(
    stack: MotoStack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    log = Log()
    monkeypatch.setattr(logger.registered_handler, "stream", log.stream)
    monkeypatch.setattr(provider.adapter, "books", tmp_path / "books.sqlite")
    stack.stock("COUNTED", 10)
    answer = http.post(http.ORDER | {"sku": "COUNTED"})
    runs = 1
    while (consumed := stack.wire.published[-1]).detail_type in CONSUMED_BY:
        FUNCTIONS[CONSUMED_BY[consumed.detail_type]](envelope(consumed.detail_type, consumed.content), Context())
        runs += 1

    calls = stack.wire.calls
    writes = [call for call in calls if call in {"PutItem", "UpdateItem", "TransactWriteItems"}]
    publishes = [call for call in calls if call == "PutEvents"]
    counted = {row[0].partition(":")[0]: row[1] for row in rows("What one happy order takes")}
    assert f"{len(writes)}, {len(publishes)}, {len(calls) - len(writes) - len(publishes)}" == counted["Calls"]
    assert counted["Runs of functions"].startswith(f"{runs}: CreateOrder and three steps")

    an_order = {row[0]: number(row[1]) for row in rows("Rates against limits")}
    transactions = writes.count("TransactWriteItems")
    assert an_order["PutEvents calls"] == len(publishes)
    assert an_order["Deliveries to functions"] == runs - 1
    assert an_order["Write units, orders table"] == len(writes) + transactions
    assert an_order["Write units, inventory table"] == 2 * transactions

    record = stack.record(answer.body["orderId"])
    assert record
    assert "inFlight" not in record
    assert size({"M": {name: TypeSerializer().serialize(value) for name, value in record.items()}}) == pytest.approx(
        number(counted["Its record at the end"].split()[0]) * 1000, rel=0.1
    )
    logged = len(capsys.readouterr().out)
    assert logged == len(log.text)
    assert logged == pytest.approx(number(counted["What the functions log"].split()[0]) * 1000, rel=0.1)


def size(attribute: dict[str, Any]) -> int:
    """Return an attribute's size in bytes (Amazon DynamoDB Developer Guide, "DynamoDB item sizes and formats")."""
    ((kind, value),) = attribute.items()
    if kind == "M":
        return sum(len(name) + size(inner) for name, inner in value.items())
    if kind == "L":
        return 3 + sum(1 + size(inner) for inner in value)
    return len(value) if kind == "S" else len(value) // 2 + 1


@pytest.mark.parametrize("name", ["CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"])
def test_every_file_that_a_page_names_is_there(name: str) -> None:
    links = re.findall(r"\]\(([^)#]+)", (ROOT / name).read_text())
    assert [link for link in links if "://" not in link and not (ROOT / link).exists()] == []


def test_the_changelog_keeps_its_form() -> None:
    text = (ROOT / "CHANGELOG.md").read_text()
    assert re.findall(r"^## (.+)$", text, re.MULTILINE)[0] == "[Unreleased]"
    kinds = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
    assert set(re.findall(r"^### (.+)$", text, re.MULTILINE)) <= kinds
