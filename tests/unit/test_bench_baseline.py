"""What the benchmark says beside the naive baseline follows from what it counted and timed, and from nothing else."""

from collections import Counter
from collections.abc import Mapping
from itertools import chain
from typing import Any

import httpx
import pytest

from bench import calls, whole_order, writes
from bench.baseline.deployment import IDEMPOTENCY_NEEDS, PINNED, Baseline, only
from bench.calls import Counted, Duplicate
from bench.item_size import item_size
from bench.load import Burst, percentiles, seconds
from bench.places import ORDER_SAGA
from bench.proxy import Proxy
from bench.section import Goal
from tools.shop import cost

METRICS = """\
# TYPE microburst_faults_total counter
microburst_faults_total{service="dynamodb",operation="PutItem",action="match"} 3
microburst_faults_total{service="events",operation="PutEvents",action="match"} 12
microburst_rules_active 2
"""
NAIVE = {
    "happy": {"PutItem": 1, "UpdateItem": 3, "PutEvents": 4},
    "out of stock": {"PutItem": 1, "UpdateItem": 2, "PutEvents": 2},
    "declined": {"PutItem": 1, "UpdateItem": 3, "PutEvents": 4},
    "undeliverable": {"PutItem": 1, "UpdateItem": 4, "PutEvents": 6},
}


@pytest.mark.parametrize(
    ("record", "size"),
    [
        ({"sku": "LAMP"}, 3 + 4),
        ({"sku": "Lämp"}, 3 + 5),
        ({"amount": 1}, 6 + 1 + 1),
        ({"amount": 4200}, 6 + 1 + 1),
        ({"amount": 42001}, 6 + 3 + 1),
        ({"amount": -7}, 6 + 1 + 1 + 1),
        ({"history": []}, 7 + 3),
        ({"history": [{"status": "CREATED"}]}, 7 + 3 + 1 + (3 + 1 + 6 + 7)),
        ({"a": "b", "c": "d"}, 4),
    ],
)
def test_a_records_size_is_that_of_dynamodbs_rule(record: Mapping[str, Any], size: int) -> None:
    assert item_size(record) == size


def test_what_no_record_holds_has_no_size() -> None:
    with pytest.raises(TypeError, match="no record holds a float"):
        item_size({"amount": 1.5})


def test_percentiles_stay_within_what_was_measured() -> None:
    assert percentiles([float(time) for time in range(101)]) == {"p50": 50, "p95": 95, "p99": 99}
    assert percentiles([10.0, 20.0])["p99"] == pytest.approx(19.9)


def test_a_records_time_is_read_to_the_millisecond() -> None:
    assert seconds("1970-01-01T00:01:00.125Z") == 60.125


def test_calls_are_counted_by_operation(monkeypatch: pytest.MonkeyPatch) -> None:
    def told(url: str) -> httpx.Response:
        return httpx.Response(200, text=METRICS, request=httpx.Request("GET", url))

    monkeypatch.setattr(httpx, "get", told)
    assert Proxy("http://proxy").counted() == Counter(PutItem=3, PutEvents=12)


def test_only_what_was_called_meanwhile_counts() -> None:
    before = Counter(PutItem=3, PutEvents=12)
    assert calls.since(before, Counter(PutItem=3, UpdateItem=1, PutEvents=14)) == {"PutEvents": 2, "UpdateItem": 1}


def test_whatever_is_no_write_and_no_publish_is_a_read() -> None:
    assert calls.tally({"PutItem": 1, "TransactWriteItems": 1, "PutEvents": 4, "Query": 10, "GetItem": 2}) == (2, 4, 12)


def test_the_idempotent_baseline_has_order_sagas_own_powertools() -> None:
    requirements = only(IDEMPOTENCY_NEEDS, PINNED.read_text())
    pins = [line.split()[0] for line in requirements.splitlines() if line[0].isalpha()]
    assert [pin.partition("==")[0] for pin in pins] == list(IDEMPOTENCY_NEEDS)
    assert set(pins) <= set(PINNED.read_text().split())
    assert requirements.count("--hash=") >= len(pins)


def test_a_package_that_is_not_pinned_is_named() -> None:
    with pytest.raises(ValueError, match="not pinned: requests"):
        only(["requests", "pydantic"], PINNED.read_text())


def measured(ours: Mapping[str, calls.Calls], customer: str = "CUST-1") -> dict[str, calls.Measured]:
    """All three choreographies, where order-saga made these calls; its records are those of this customer."""

    def seen(kinds: Mapping[str, calls.Calls], duplicate: Duplicate) -> calls.Measured:
        return calls.Measured(
            {kind: Counted(counted, {"customerId": customer}) for kind, counted in kinds.items()}, duplicate
        )

    with_idempotency = {
        kind: Counter(counted) + Counter(PutItem=counted["PutEvents"], UpdateItem=counted["PutEvents"])
        for kind, counted in NAIVE.items()
    }
    return {
        ORDER_SAGA: seen(ours, Duplicate({"TransactWriteItems": 1}, pieces=0, charged=False)),
        Baseline.NAIVE: seen(NAIVE, Duplicate({"UpdateItem": 3, "PutEvents": 3}, pieces=1, charged=True)),
        Baseline.IDEMPOTENT: seen(with_idempotency, Duplicate({"PutItem": 1}, pieces=0, charged=False)),
    }


def test_order_sagas_calls_are_the_figures_that_make_cost_reads() -> None:
    assert calls.section(measured(cost.COUNTED)).figures["calls"] == cost.COUNTED


def test_the_guards_show_in_write_units_and_dollars_and_not_in_calls() -> None:
    section = calls.section(measured(cost.COUNTED))
    happy = [[row[:2] for row in table.rows] for table in section.tables.values()][:3]
    assert happy == [
        [["order-saga", "4 + 4 + 0"], ["naive", "4 + 4 + 0"], ["naive with idempotency", "12 + 4 + 0"]],
        [["order-saga", "9"], ["naive", "4"], ["naive with idempotency", "12"]],
        [["order-saga", "18.78"], ["naive", "15.65"], ["naive with idempotency", "20.65"]],
    ]
    assert "cost 5 write units" in section.notes[0]
    assert "$3.13 more than the naive" in section.notes[0]
    assert "$1.88 less than those" in section.notes[0]


def test_a_duplicate_takes_pieces_and_money_again_in_the_naive_chain_alone() -> None:
    *_, duplicates, _sizes = calls.section(measured(cost.COUNTED)).tables.values()
    assert duplicates.rows == [
        ["order-saga", "1 + 0 + 0", "0", "no"],
        ["naive", "3 + 3 + 0", "1", "yes"],
        ["naive with idempotency", "1 + 0 + 0", "0", "no"],
    ]


def goals_met(goals: list[Goal]) -> list[bool]:
    return [goal.met for goal in goals]


def test_the_goals_are_met_by_the_naive_chains_calls_and_a_small_record() -> None:
    assert goals_met(list(calls.section(measured(cost.COUNTED)).goals)) == [True, True, True]


@pytest.mark.parametrize(("more", "is_cheap"), [("GetItem", True), ("UpdateItem", True), ("PutEvents", False)])
def test_one_call_more_and_the_goal_is_not_met(more: str, is_cheap: bool) -> None:  # noqa: FBT001
    ours = {**cost.COUNTED, "happy": Counter(cost.COUNTED["happy"]) + Counter({more: 1})}
    assert goals_met(list(calls.section(measured(ours)).goals)) == [False, True, is_cheap]


def test_a_record_of_one_kilobyte_does_not_meet_the_goal() -> None:
    name, limit = len("customerId"), 1024
    assert goals_met(list(calls.section(measured(cost.COUNTED, "C" * (limit - name))).goals)) == [True, False, True]
    assert goals_met(list(calls.section(measured(cost.COUNTED, "C" * (limit - name - 1))).goals)) == [True, True, True]


WRITES = {writes.NAIVE: 1.5, writes.GUARDED: 2.0, writes.TOGETHER: 2.75}


def timed(*bursts: Burst) -> whole_order.Measured:
    return whole_order.Measured(list(bursts))


def place(ours: float, theirs: float) -> dict[int, dict[str, whole_order.Measured]]:
    """Orders one at a time that took so many milliseconds."""
    each = {ORDER_SAGA: ours, Baseline.NAIVE: theirs}
    return {1: {name: timed(*[Burst([time], time)] * 4) for name, time in each.items()}}


def test_orders_a_second_are_all_orders_over_the_spans_of_their_bursts() -> None:
    seen = timed(Burst([100, 200], 250), Burst([150, 150], 150))
    assert seen.orders == 4
    assert seen.a_second == pytest.approx(10)
    assert seen.times["p50"] == 150


def test_the_goal_of_whole_orders_is_the_ratio_of_the_medians() -> None:
    places = {whole_order.PLAIN: place(50, 40), whole_order.SLOWED: place(120, 120)}
    section = whole_order.section(places, WRITES, provider=2.0)
    assert [(goal.found, goal.met) for goal in section.goals] == [
        ("ratio of 1.25: 50 ms beside 40 ms", False),
        ("ratio of 1.00: 120 ms beside 120 ms", True),
    ]
    assert "lie 10.0 ms" in section.notes[0]
    assert "2.2 ms more for a happy order's one transaction and two updates" in section.notes[0]
    rows = list(chain.from_iterable(table.rows for table in section.tables.values()))
    assert rows[0] == ["1, order-saga", "50", "50", "50", "20.0", "1.25", "4"]
    assert section.figures["wholeOrder"]["onTheEmulator"]["1"]["ratio"] == 1.25
