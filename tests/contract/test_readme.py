"""The README says what is so."""

import json
import re
from pathlib import Path

import pytest

from bench.baseline.deployment import Baseline
from bench.places import ORDER_SAGA
from tests.contract.template import FUNCTIONS, ROOT
from tests.pages import MAKEFILE
from tests.unit.stories import CONSUMED_BY, PUBLISHED_BY
from tools.base.transitions import EVENTS, TERMINAL

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


def test_what_it_says_of_speed_is_what_the_benchmark_found() -> None:
    found = json.loads((ROOT / "docs" / "benchmarks.json").read_text())
    one_at_a_time = found["wholeOrder"]["withLatencies"]["1"]
    ours, naive, remedy = (one_at_a_time[name]["p50"] for name in (ORDER_SAGA, Baseline.NAIVE, Baseline.IDEMPOTENT))
    writes = sum(found["baselines"][Baseline.IDEMPOTENT]["happy"][call] for call in ("PutItem", "UpdateItem"))
    section = " ".join(README.partition("## What it costs")[2].partition("##")[0].split())
    assert "With AWS's latencies injected it takes about as long as there" in section
    assert ours / naive == pytest.approx(1, abs=0.1)
    assert f"makes {writes} writes and takes about 1.6 times as long" in section
    assert remedy / naive == pytest.approx(1.6, abs=0.1)


def test_no_file_of_the_same_name_keeps_a_command_from_running() -> None:
    phony = " ".join(re.findall(r"^\.PHONY:((?:.*\\\n)*.*)$", MAKEFILE, re.MULTILINE)).replace("\\", " ").split()
    commands = re.findall(r"^([a-z-]+):.*##", MAKEFILE, re.MULTILINE)
    assert sorted(set(commands) - set(phony)) == []
