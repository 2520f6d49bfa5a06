"""A deployed order ends as a simulated one, though on AWS the simulated provider's books are one an environment."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.simulation.branch import Branch
from tests.simulation.faulty_wire import Fault
from tests.simulation.matrix import Mode, Row, run_step, steps
from tests.simulation.shop import BRANCHES
from tests.simulation.shop.known_schedules import BODY, SHORTLY
from tests.simulation.shop.simulated import Simulated
from tests.simulation.simulated_world import SimulatedWorld
from tests.slow import slow_but_for

KNOWN = {"CUST-1", "CUST-DECLINE", "CUST-UNDELIVERABLE", "CUST-PAYS-LATER", "CUST-NEVER-PAYS", "CUST-CHARGEBACK"}
"""The customers whom the simulated provider and carrier know."""
OF_THEM = [branch for branch in BRANCHES if branch.body["customerId"] in KNOWN]


def orders(world: SimulatedWorld) -> dict[str, dict[str, Any]]:
    """Return all that the records say, but when."""
    return {
        key: record.fields() | {"statuses": [change.status for change in record.history]}
        for key, record in world.records().items()
    }


def rows(branch: Branch, mode: Mode) -> Iterator[Row]:
    """Yield the rows without a fault, and at first those in which a step dies once its first call took effect."""
    for consumed in steps(branch):
        yield Row(branch, mode, consumed)
        if mode is Mode.FIRST:
            yield Row(branch, mode, consumed, 1, Fault.DIES_AFTER)


@pytest.mark.parametrize("mode", slow_but_for([Mode.FIRST, Mode.DUPLICATE, Mode.STALE, Mode.REPLAY]))
@pytest.mark.parametrize("branch", OF_THEM, ids=lambda branch: branch.name)
def test_an_order_ends_alike_whether_the_functions_share_the_books_or_each_call_has_its_own(
    branch: Branch, mode: Mode, tmp_path: Path
) -> None:
    for number, row in enumerate(rows(branch, mode)):
        ends = []
        for shared in (True, False):
            folder = tmp_path / f"{number}-{shared}"
            folder.mkdir()
            at = partial(Simulated, folder=folder, shared=shared)
            world, _ = run_step(replace(row, branch=replace(branch, options={**branch.options, "gateway": at})))
            ends.append(orders(world))
        assert ends[0] == ends[1], row


@pytest.mark.parametrize("shared", [True, False], ids=["shared books", "books for each call"])
@pytest.mark.parametrize("refunded_before", [True, False])
def test_a_charge_that_arrives_after_its_void_leaves_no_money(
    tmp_path: Path, *, shared: bool, refunded_before: bool
) -> None:
    """Books that nobody shares do not know of the void: the charge is answered with "paid", and its step undoes it."""
    with SimulatedWorld(stock={"sku-a": 5}, gateway=partial(Simulated, folder=tmp_path, shared=shared)) as world:
        world.post(BODY)
        world.deliver(world.queue[0])
        reserved = world.queue[0]
        world.wait(world.deadline - SHORTLY)
        world.deliver(reserved, {1: Fault.HELD_UP})
        world.wait(2 * SHORTLY)
        world.deliver(world.repeat(reserved.published, reserved.function))
        while world.queue and refunded_before:
            world.deliver(world.queue[0])
        world.resume(0)
        world.settle()
        assert [record.status for record in world.records().values()] == ["INVENTORY_RELEASED"]
