"""What the measurement of growth makes up, injects, computes and tells."""

import json
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bench.growth import recovering, rush, table_size
from bench.growth.findings import section
from bench.growth.process import ALL, process_of
from bench.growth.recovering import Recovered
from bench.growth.rush import CONFLICT, Contention, Rushes, shelves
from bench.growth.synthetic_orders import SyntheticOrders, mostly_ended, stuck
from bench.growth.table_size import Costs
from bench.section import Section
from contract import Saga
from orders import recover_orders
from saga.record import Record
from tests.unit.moto_stack import Context, MotoStack
from tests.unit.stories import HAPPY
from tests.unit.wire import AwsAnswer
from tests.unit.world import World
from tools.base.root import ROOT
from tools.base.transitions import is_path

CALLS = Counter(PutItem=10, TransactWriteItems=10, UpdateItem=20, PutEvents=40)
RECOVERED = Recovered(
    runs=1,
    complete=True,
    published=100,
    milliseconds=500,
    calls={"Query": 10, "BatchGetItem": 10, "PutEvents": 10},
    query=5,
    processor=100,
    peak=70,
)


class Table:
    """A table that takes batches alone."""

    name = "orders"

    def __init__(self) -> None:
        self.meta, self.client = self, self
        self.held: dict[str, dict[str, Any]] = {}
        self.batches: list[int] = []

    def batch_write_item(self, RequestItems: dict[str, list[dict[str, Any]]]) -> None:  # noqa: N803  botocore's name
        """Put items, or delete them."""
        requests = RequestItems[self.name]
        self.batches.append(len(requests))
        for request in requests:
            if "PutRequest" in request:
                item = request["PutRequest"]["Item"]
                self.held[item["orderId"]] = item
            else:
                del self.held[request["DeleteRequest"]["Key"]["orderId"]]


def test_one_in_ten_of_the_orders_that_fill_the_table_is_in_flight() -> None:
    records = [mostly_ended(number) for number in range(20)]
    assert [number for number, record in enumerate(records) if "inFlight" in record] == [0, 10]
    for record in records:
        order = Record.from_item(record, Saga)
        assert is_path([change.status for change in order.history])
        assert order.is_terminal is ("inFlight" not in record)


def test_recovery_finds_the_orders_that_stand_still_and_leaves_the_others_alone(stack: MotoStack) -> None:
    stack.remove_records()
    for number in range(3):
        stack.put_record(stuck(number))
        stack.put_record(mostly_ended(number))
    assert recover_orders.handler({"recover": "all"}, Context())["recovered"] == 3


def test_the_table_holds_as_many_made_up_orders_as_are_wanted() -> None:
    table = Table()
    synthetic = SyntheticOrders(table, mostly_ended)  # type: ignore[arg-type]
    for count in (60, 130, 10, 0):
        synthetic.hold(count)
        assert len(table.held) == count
    assert max(table.batches) == 25


def test_an_injected_conflict_is_one_that_a_step_tries_again(world: World, pauses: list[float]) -> None:
    error = CONFLICT["error"]
    body = {"Error": {"Code": error["code"], "Message": error["message"]}, **error["fields"]}
    order = world.begin(HAPPY)
    world.stack.wire.answer(CONFLICT["operation"], AwsAnswer(error["status"], body))

    world.deliver("OrderCreated", order.detail("OrderCreated"))

    assert [event.detail_type for event in world.published] == ["InventoryReserved"]
    assert len(pauses) == 1


@pytest.mark.parametrize("contention", Contention)
def test_there_are_pieces_for_half_of_the_buyers_wherever_they_lie(contention: Contention) -> None:
    skus, pieces = shelves(contention, 32, "RARE")
    assert len(skus) == 32
    assert set(skus) == set(pieces)
    assert len(pieces) == (32 if contention is Contention.SPREAD else 1)
    assert sum(pieces.values()) == 16


def process(folder: Path, name: str, cwd: str) -> Path:
    one = folder / name
    one.mkdir()
    (one / "cwd").symlink_to(cwd)
    (one / "stat").write_text("12 (python (x) y) S 1 1 1 0 -1 4194304 9 0 0 0 150 50 0 0 20 0 1 0 99 0 0")
    (one / "status").write_text("Name:\tpython\nVmPeak:\t  999999 kB\nVmHWM:\t   76800 kB\nVmRSS:\t   71680 kB\n")
    return one


def test_a_function_is_found_by_where_its_process_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.sysconf", lambda _: 100)
    process(tmp_path, "11", "/tmp/lambda-stack-GetOrder-1A2B-xyz/code")  # noqa: S108
    mine = process(tmp_path, "12", "/tmp/lambda-stack-RecoverOrders-1A2B-xyz/code")  # noqa: S108
    (tmp_path / "13").mkdir()
    found = process_of("stack-RecoverOrders-1A2B", tmp_path)
    assert found is not None
    assert (found.folder, found.processor_seconds, found.peak_megabytes) == (mine, 2, 75)


@pytest.mark.skipif(not (ALL / "self").exists(), reason="the system is not Linux")
def test_the_peak_of_a_process_is_its_own_however_large_the_one_that_started_it() -> None:
    large = bytearray(200_000_000)
    said = subprocess.run(
        [
            sys.executable,
            "-c",
            "from bench.growth.process import ALL, Process; print(Process(ALL / 'self').peak_megabytes)",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert 0 < float(said.stdout) < len(large) / 2_000_000


def test_without_such_folders_no_process_is_found(tmp_path: Path) -> None:
    assert process_of("RecoverOrders", tmp_path / "proc") is None


def full(milliseconds: float, calls: Counter[str] = CALLS) -> Costs:
    return Costs([milliseconds - 1, milliseconds, milliseconds + 1] * 3 + [milliseconds], Counter(calls), [5.0])


def rushes(shipped: int, refused: int) -> Rushes:
    ends = Counter(SHIPPING_SCHEDULED=shipped, INVENTORY_FAILED=refused, INVENTORY_RELEASED=12 - shipped - refused)
    return Rushes([1.0, 2.0, 4.0], 12, 4, ends)


def told(
    largest: Costs | None = None, conflicts: Rushes | None = None, recovered: Recovered | None = None, peak: float = 70
) -> Section:
    """Return the findings of measurements in which all went well, but for what is given."""
    ten_times = replace(
        RECOVERED, published=1_000, milliseconds=5_000, calls={"Query": 20, "PutEvents": 100}, peak=peak
    )
    return section(
        {100: full(50), 5_000: largest or full(60)},
        {
            Contention.SPREAD: rushes(6, 6),
            Contention.HOT: rushes(6, 6),
            Contention.CONFLICTS: conflicts or rushes(6, 6),
        },
        {100: [RECOVERED, RECOVERED], 1_000: [recovered or ten_times]},
    )


def unmet(found: Section) -> list[str]:
    return [goal.what for goal in found.goals if not goal.met]


def test_all_goals_are_met_when_nothing_grows() -> None:
    assert len(told().goals) == 6
    assert unmet(told()) == []


@pytest.mark.parametrize(
    ("found", "goal"),
    [
        (told(largest=full(60, CALLS + Counter(GetItem=10))), "an order makes the same calls"),
        (told(largest=full(60, CALLS - Counter(PutItem=5) + Counter(GetItem=5))), "an order makes the same calls"),
        (told(largest=full(63)), "an order takes as long"),
        (told(conflicts=rushes(7, 5)), "buyers at once get all the pieces"),
        (told(conflicts=rushes(6, 5)), "buyers at once get all the pieces"),
        (told(recovered=replace(RECOVERED, published=999)), "one run of recovery gets through"),
        (told(recovered=replace(RECOVERED, published=1_000, complete=False)), "one run of recovery gets through"),
        (told(recovered=replace(RECOVERED, published=1_000, runs=2)), "one run of recovery gets through"),
        (
            told(recovered=replace(RECOVERED, published=1_000, calls={"Query": 301})),
            "recovery makes no more calls for an order",
        ),
        (told(peak=88), "recovery needs no more memory"),
    ],
)
def test_what_grows_misses_its_goal(found: Section, goal: str) -> None:
    (missed,) = unmet(found)
    assert missed.startswith(goal)


def test_where_the_system_does_not_tell_of_memory_there_is_no_goal_for_it() -> None:
    silent = replace(RECOVERED, processor=None, peak=None)
    found = section(
        {100: full(50)}, {contention: rushes(6, 6) for contention in Contention}, {100: [silent], 200: [silent]}
    )
    assert not any("memory" in goal.what for goal in found.goals)
    assert [row[-1] for row in found.tables["Recovery, by stuck orders"].rows] == ["?", "?"]


def test_times_are_compared_with_the_smallest_size_or_with_shelves_of_their_own() -> None:
    assert [row["ratio"] for row in table_size.rows({100: full(50), 5_000: full(60)})] == [1, 1.2]
    hot = replace(rushes(6, 6), seconds=[1.0, 3.0, 9.0])
    assert [row["ratio"] for row in rush.rows({Contention.SPREAD: rushes(6, 6), Contention.HOT: hot})] == [1, 1.5]
    smallest, largest = recovering.rows({100: [RECOVERED], 1_000: [replace(RECOVERED, milliseconds=7_500)]})
    assert (smallest["milliseconds"], largest["milliseconds"], largest["ratio"]) == (5, 7.5, 1.5)


def test_calls_are_those_of_one_order() -> None:
    (row,) = table_size.rows({100: full(50)})
    assert row["calls"] == 8
    assert row["callsByOperation"] == {"PutEvents": 4, "PutItem": 1, "TransactWriteItems": 1, "UpdateItem": 2}


def test_what_the_emulator_takes_for_queries_is_told_apart() -> None:
    (row,) = recovering.rows({100: [RECOVERED]})
    assert row["millisecondsLessTheQueries"] == (500 - 10 * 5) / 100


def test_every_row_has_a_cell_for_each_column_and_the_figures_are_json() -> None:
    found = told()
    for table in found.tables.values():
        assert {len(row) for row in table.rows} == {len(table.columns)}
    assert json.loads(json.dumps(found.figures))["growth"]["rushes"][2]["conflicts"] == 4
    for chart in found.curves:
        assert all(points for points in chart.lines.values())
