"""What orchestration would cost: transitions counted on the state machine, prices as the page has them."""

import json
import re

import pytest

from bench import orchestration
from bench.ground import Grounds
from bench.orchestration import DURABLE, EXPRESS, STANDARD, workflow
from bench.places import ORDER_SAGA
from bench.section import Scale
from tests.contract.template import FUNCTIONS, ROOT
from tests.unit.stories import DECLINED, HAPPY, OUT_OF_STOCK, UNDELIVERABLE, Story
from tools.shop import cost

PAGE = (ROOT / "docs" / "decisions" / "choreography-or-orchestration.md").read_text()
STORIES = {story.name: story for story in (HAPPY, OUT_OF_STOCK, DECLINED, UNDELIVERABLE)}


@pytest.mark.parametrize(
    ("kind", "entered"), [("happy", 3), ("out of stock", 2), ("declined", 4), ("undeliverable", 6)]
)
def test_the_transitions_are_the_states_that_an_order_enters(kind: str, entered: int) -> None:
    assert len(workflow.entered(kind)) == entered


@pytest.mark.parametrize("story", STORIES.values(), ids=str)
def test_the_tasks_are_the_functions_that_the_order_runs_here(story: Story) -> None:
    tasks = workflow.tasks(story.name)
    assert set(tasks) <= set(FUNCTIONS)
    # Here each function but the last of an order publishes what the next consumes; CreateOrder is no task.
    assert len(tasks) == cost.COUNTED[story.name]["PutEvents"] - 1


def test_every_state_of_the_machine_leads_to_an_end() -> None:
    states = workflow.states()
    following = {
        name: {*filter(None, [state.get("Next")]), *(catch["Next"] for catch in state.get("Catch", []))}
        for name, state in states.items()
    }
    assert set().union(*following.values()) <= set(states)
    assert {name for name in states if not following[name]} == {"Failed"}
    assert [name for name, state in states.items() if state.get("End")] == ["NotifyShipping"]


def test_a_standard_workflow_is_charged_by_the_transition() -> None:
    assert orchestration.standard("happy", cost.prices()) == {"Orchestrator": pytest.approx(75)}


def test_an_express_workflow_is_charged_by_the_request_and_by_time_that_is_rounded_up() -> None:
    # 0.69 s are 0.7 s, at 64 MB.
    price = cost.prices()
    duration = 0.7 * 64 / 1024 * 1_000_000 * price["GB-second of express workflows"]
    assert orchestration.express("happy", price) == {"Orchestrator": pytest.approx(1 + duration)}


def test_a_durable_function_is_charged_by_the_operation_and_runs_twice() -> None:
    price = cost.prices()
    found = orchestration.durable("happy", price)
    assert found["Orchestrator"] == pytest.approx(4 * 8 + 4 * (0.25 + 14 / 30 * 0.15))
    assert found["Lambda"] < orchestration.of_a_million(ORDER_SAGA, "happy")["Lambda"]


def test_the_page_has_the_sums_that_are_calculated() -> None:
    said = {
        name: [float(dollars) for dollars in re.findall(r"[\d.]+", cells)]
        for name, cells in re.findall(r"^\| ([A-Z][\w, -]+|order-saga) \|((?: [\d.]+ \|)+)$", PAGE, re.MULTILINE)
    }
    found = orchestration.measure(Scale(quick=True), Grounds.__new__(Grounds)).figures["orchestration"]
    assert list(said) == [ORDER_SAGA, STANDARD, EXPRESS, DURABLE]
    assert said == {
        name: [pytest.approx(dollars, abs=0.006) for dollars in sums.values()] for name, sums in found.items()
    }


def test_the_definition_is_json_that_names_where_it_starts() -> None:
    definition = json.loads(workflow.DEFINITION.read_text())
    assert definition["StartAt"] in definition["States"]
