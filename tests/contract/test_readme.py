"""The README says what is so."""

import json
import re
from pathlib import Path

import pytest

from bench.baseline.deployment import Baseline
from bench.calls import PUBLISHES, WRITES
from tests.contract.template import FUNCTIONS, ROOT
from tests.pages import MAKEFILE
from tests.unit.stories import CONSUMED_BY, PUBLISHED_BY
from tools.base.transitions import EVENTS, TERMINAL
from tools.shop import cost

README = (ROOT / "README.md").read_text()
ARROW = re.compile(r"^ +(\w+) (?:--|-\.) (\w+) (?:-->|\.->) (\w+)", re.MULTILINE)


def test_the_picture_shows_every_event_from_who_publishes_it_to_who_consumes_it() -> None:
    drawn = {
        (publisher, event, consumer if consumer in FUNCTIONS else None)
        for publisher, event, consumer in ARROW.findall(README)
    }
    assert drawn == {(function, event, CONSUMED_BY.get(event)) for event in EVENTS for function in PUBLISHED_BY[event]}
    assert {EVENTS[event].status for _, event, consumer in drawn if consumer is None} == TERMINAL


def test_the_handler_that_it_shows_is_the_one_that_ships() -> None:
    (shown,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    assert shown in (ROOT / "src" / "payments" / "charge_payment.py").read_text()


@pytest.mark.parametrize(
    "page", sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]), ids=lambda page: page.name
)
def test_every_make_target_and_every_file_that_a_page_names_is_there(page: Path) -> None:
    text = page.read_text()
    targets = set(re.findall(r"^(?:[A-Z_]+=\S+ )*make ([a-z-]+)", text, re.MULTILINE)) | set(
        re.findall(r"`make ([a-z-]+)", text)
    )
    known = MAKEFILE + "".join(path.read_text() for path in ROOT.glob("examples/*/tools/shop/targets.mk"))
    assert [target for target in targets if not re.search(rf"^{target}\b.*:", known, re.MULTILINE)] == []
    links = [link.partition("#")[0] for link in re.findall(r"\]\(([^)]+)\)", text) if "://" not in link]
    assert [link for link in links if link and not (page.parent / link).exists()] == []


def test_the_calls_and_the_price_that_it_names_are_those_that_were_counted() -> None:
    found = json.loads(cost.BENCHMARK.read_text())
    price = cost.prices()
    ours, naive = found["calls"]["happy"], found["baselines"][Baseline.NAIVE]["happy"]
    of_a_kind = [
        [sum(calls.get(name, 0) for name in names) for names in (WRITES, PUBLISHES, set(calls) - WRITES - PUBLISHES)]
        for calls in (ours, naive)
    ]
    assert of_a_kind == [[4, 4, 0], [4, 4, 0]]
    dollars = sum(cost.of_a_million("happy", ours, price).values()) + cost.monthly_share(price)
    said = " ".join(README.split())
    assert "A happy order makes 4 writes, 4 publishes and no read, as a naive chain does." in said
    assert re.findall(r"A million cost \[\$([\d.]+)\]", said) == [f"{dollars:.2f}"]


def test_it_fits_on_a_few_screens() -> None:
    assert len(README.splitlines()) < 150


def test_the_map_of_the_pages_names_every_page() -> None:
    docs = ROOT / "docs"
    named = re.findall(r"\]\(([^)#]+)\)", (docs / "README.md").read_text())
    assert sorted(named) == sorted(
        [*(page.name for page in docs.glob("*.md") if page.name != "README.md"), "decisions/README.md", "flow.html"]
    )


def test_no_file_of_the_same_name_keeps_a_command_from_running() -> None:
    phony = " ".join(re.findall(r"^\.PHONY:((?:.*\\\n)*.*)$", MAKEFILE, re.MULTILINE)).replace("\\", " ").split()
    commands = re.findall(r"^([a-z-]+):.*##", MAKEFILE, re.MULTILINE)
    assert sorted(set(commands) - set(phony)) == []
