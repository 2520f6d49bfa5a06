"""SnapStart on a deployed stack. The emulator publishes versions as Lambda does, but takes no snapshots."""

from collections.abc import Callable

import pytest

from tests.contract.template import DEPLOYED_ALWAYS
from tools.base.problem import ProblemError
from tools.base.stack import Stack
from tools.base.target import Target
from tools.deploying.deploy import deploy
from tools.emulator.adapter import Feature
from tools.operating.following import follow
from tools.shop import api, stock
from tools.shop.triggers import TRIGGERS

pytestmark = pytest.mark.slow


@pytest.mark.needs(Feature.SNAP_START)
def test_switched_on_it_applies_to_the_versions_that_events_reach_and_an_order_ends(
    beside: Callable[[str], Target],
) -> None:
    snapped = beside("snap")
    deploy(snapped, SnapStart="on", PythonRuntime="python3.13")
    other = Stack.of(snapped)
    assert applied_to(other) == dict.fromkeys(DEPLOYED_ALWAYS, "PublishedVersions")
    stock.shelves(other).put_item(Item={"sku": "BOOK", "available": 5})
    order_id = api.place(other, TRIGGERS["happy"].body).json()["orderId"]
    assert follow(order_id, other)["status"] == "SHIPPING_SCHEDULED"


@pytest.mark.needs(Feature.RULES)
def test_a_python_that_lambda_has_it_not_for_is_refused_in_one_line_that_says_what_to_do(
    stack: Stack, target: Target
) -> None:
    with pytest.raises(ProblemError) as problem:
        deploy(target, SnapStart="on", PythonRuntime="python3.11")
    (line,) = str(problem.value).splitlines()
    assert "SnapStart needs Python 3.12 or later. Build with a later Python, or set SnapStart to off." in line
    function = stack.physical_id("CreateOrder")
    # The stack that was there has neither versions nor an alias, and keeps to that.
    assert stack.client("lambda").list_aliases(FunctionName=function)["Aliases"] == []


def applied_to(stack: Stack) -> dict[str, str]:
    """Return what SnapStart applies to, for the version of each function that events reach."""
    client = stack.client("lambda")
    names = {function: stack.physical_id(function) for function in DEPLOYED_ALWAYS}
    live = {name: client.get_alias(FunctionName=name, Name="live")["FunctionVersion"] for name in names.values()}
    return {
        function: client.get_function_configuration(FunctionName=name, Qualifier=live[name])["SnapStart"]["ApplyOn"]
        for function, name in names.items()
    }
