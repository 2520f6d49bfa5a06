"""The choreography as it is derived and drawn."""

from io import StringIO

import pytest
from rich.console import Console, RenderableType

from tests.contract.template import FUNCTIONS
from tests.unit.stories import CONSUMED_BY, FINAL, PUBLISHED_BY, STATUS
from tools.base.target import ROOT
from tools.project.choreography import mermaid, page, tree
from tools.project.choreography.flow import Flow

FLOW = Flow.of_this_project()
COMPENSATIONS = {"RefundPayment", "ReleaseInventory"}
FAILURES = {"InventoryFailed", "PaymentFailed", "PaymentAbandoned", "ShippingFailed", "RefundRefused"}


def printed(drawing: RenderableType) -> str:
    text = StringIO()
    Console(file=text, width=200).print(drawing)
    return text.getvalue()


def test_it_knows_who_publishes_and_who_consumes_every_event() -> None:
    assert {event: [each.name for each in FLOW.publishers(event)] for event in FLOW.events} == {
        event: list(functions) for event, functions in PUBLISHED_BY.items()
    }
    assert {event: [each.name for each in FLOW.consumers(event)] for event in FLOW.events} == {
        event: [CONSUMED_BY[event]] if event in CONSUMED_BY else [] for event in PUBLISHED_BY
    }


def test_it_knows_what_fails_what_is_taken_back_and_where_it_ends() -> None:
    assert {name for name, function in FLOW.functions.items() if FLOW.compensates(function)} == COMPENSATIONS
    assert {event for event in FLOW.events if FLOW.is_failure(event)} == FAILURES
    assert {event for event, kind in FLOW.events.items() if kind.terminal} == FINAL
    assert [function.name for function in FLOW.recoverers] == ["RecoverOrders"]


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_a_place_that_it_names_is_the_line_where_it_stands(name: str) -> None:
    function = FLOW.functions[name]

    def line(place: object) -> str:
        file, number = str(place).split(":")
        return (ROOT / file).read_text().splitlines()[int(number) - 1]

    assert line(function.place) == f"  {name}:"
    assert line(function.role) == f"  {name}Role:"
    assert line(function.handler).startswith("def handler(")
    assert all(event in line(place) for event, place in (*function.rules.items(), *function.may_publish.items()))


def test_the_ways_of_a_saga_are_those_that_the_types_allow() -> None:
    ends = [path[-1] for path in FLOW.paths()]
    assert sorted(ends) == ["InventoryFailed", *["InventoryReleased"] * 10, *["ShippingScheduled"] * 2]


def test_the_tree_shows_every_event_and_every_step_with_its_file() -> None:
    drawn = printed(tree.draw(FLOW))
    assert [event for event in FLOW.events if event not in drawn] == []
    assert [name for name, each in FLOW.functions.items() if f"{name}  {each.handler}" not in drawn] == []
    assert {line.split("■ ")[1] for line in drawn.splitlines() if "■ " in line and "terminal" not in line} == FINAL
    assert {line.split("↺ ")[1].split()[0] for line in drawn.splitlines()[:-1] if "↺ " in line} == COMPENSATIONS


def test_the_tree_leads_from_the_request_to_the_shipment() -> None:
    lines = [line.strip("│├└─ ") for line in printed(tree.draw(FLOW)).splitlines()]
    happy = ["POST /orders", "CreateOrder", "● OrderCreated", "ReserveInventory", "● InventoryReserved"]
    happy += ["ChargePayment", "● PaymentCharged", "NotifyShipping", "■ ShippingScheduled"]
    assert [line.split("  ")[0] for line in lines[:9]] == happy


def test_it_tells_what_happens_after_a_failed_payment_with_file_and_line() -> None:
    told = printed(tree.explain(FLOW, "PaymentFailed"))
    for name in ("ChargePayment", "ReleaseInventory", "RecoverOrders"):
        assert str(FLOW.functions[name].handler) in told
    assert str(FLOW.functions["ReleaseInventory"].rules["PaymentFailed"]) in told
    assert str(FLOW.functions["ChargePayment"].may_publish["PaymentFailed"]) in told
    assert STATUS["PaymentFailed"] in told
    assert told.index("What follows:") < told.index("■ InventoryReleased")


@pytest.mark.parametrize("event", sorted(FINAL))
def test_it_tells_that_nobody_consumes_a_terminal_event(event: str) -> None:
    assert "nobody: the saga ends here" in printed(tree.explain(FLOW, event))


def test_the_pictures_arrows_are_dotted_where_things_fail_or_are_taken_back() -> None:
    dotted = {line.split()[2] for line in mermaid.draw(FLOW).splitlines() if "-." in line}
    assert dotted == FAILURES | {"PaymentRefunded", "InventoryReleased"}


def test_the_page_says_of_every_event_and_function_where_it_comes_from_and_goes_to() -> None:
    drawn = page.draw(FLOW)
    for name in (*FLOW.events, *FLOW.functions):
        assert drawn.count(f'<tr id="{name}"') == 1
