"""When a stuck saga is due: soon at first, then ever less often, at its deadline, and nobody for ever last."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saga.clock import iso
from saga.settings import settings
from saga.spacing import BY_DEADLINE, BY_ITS_MINUTE, EARLY_ON, Spacing, Standing

STOOD = datetime(2026, 1, 31, 9, 30, 12, 345_000, tzinfo=UTC)
MINUTE, A_MOMENT = timedelta(minutes=1), timedelta(seconds=20)
KEYS = [str(UUID(int=number, version=4)) for number in range(3_000)]


@pytest.fixture
def ceiling(monkeypatch: pytest.MonkeyPatch) -> None:
    """Recovery publishes at most 60 a run."""
    monkeypatch.setenv("RECOVERY_PER_SECOND", "1")
    settings.cache_clear()


def run(minute: int, waiting: int = 1, seconds: int = 0) -> Spacing:
    """Return the run that comes after this many minutes, and a moment."""
    return Spacing(STOOD + minute * MINUTE + A_MOMENT + timedelta(seconds=seconds), waiting)


def due(
    key: str,
    minutes: range,
    *,
    age: timedelta = timedelta(),
    waits: bool = False,
    runs: dict[int, Spacing] | None = None,
) -> dict[int, int]:
    """Return why a saga is due, by the number of minutes that it has stood where it stands."""
    saga = Standing(key, iso(STOOD - age), iso(STOOD), waits)
    turns = {minute: (runs[minute] if runs else run(minute)).turn(saga) for minute in minutes}
    return {minute: turn.reason for minute, turn in turns.items() if turn}


def test_it_is_due_after_1_2_4_and_8_minutes_then_every_15_and_at_its_deadline() -> None:
    for key in KEYS[:40]:
        reasons = due(key, range(61))
        assert [minute for minute, reason in reasons.items() if reason == EARLY_ON or minute in {1, 2, 4, 8}] == [
            1,
            2,
            4,
            8,
        ]
        assert [minute for minute, reason in reasons.items() if reason == BY_DEADLINE] == [15]
        later = [minute for minute in reasons if minute > 15]
        assert {after - before for before, after in pairwise(later)} == {15}


def test_it_is_not_due_in_its_first_minute() -> None:
    assert all(0 not in due(key, range(1)) for key in KEYS[:100])


@pytest.mark.parametrize(
    ("began", "age"),
    [
        (iso(STOOD - MINUTE), 60),
        (iso(STOOD - MINUTE + timedelta(milliseconds=1)), 0),
        (iso(STOOD - timedelta(hours=1)), 3_600),
        ("", 0),
    ],
    ids=["a minute ago", "a moment later", "an hour ago", "nobody knows when"],
)
def test_a_saga_has_an_age_once_it_may_be_stuck(began: str, age: float) -> None:
    assert Spacing(STOOD, 1).age(Standing(KEYS[0], began, began, waits=False)) == age


def test_a_saga_that_waits_has_a_deadline_of_its_own() -> None:
    assert [minute for minute, reason in due(KEYS[0], range(70), waits=True).items() if reason == BY_DEADLINE] == [60]


def test_the_deadline_counts_from_the_beginning_of_the_saga() -> None:
    reasons = due(KEYS[0], range(1, 15), age=timedelta(minutes=10))
    assert [minute for minute, reason in reasons.items() if reason == BY_DEADLINE] == [5]


def test_sagas_that_stopped_together_come_back_a_fifteenth_at_a_time() -> None:
    runs = {minute: run(minute) for minute in range(30, 45)}
    by_minute = Counter(minute for key in KEYS for minute in due(key, range(30, 45), runs=runs))
    assert sorted(by_minute) == list(range(30, 45))
    assert max(by_minute.values()) <= 1.5 * len(KEYS) / 15


@given(st.sampled_from(KEYS), st.integers(1, 3_000))
def test_every_gap_ends_whenever_runs_come(key: str, begin: int) -> None:
    assert due(key, range(begin, begin + 15))


@given(st.sampled_from(KEYS), st.integers(1, 100), st.integers(-5, 5))
def test_a_run_that_comes_a_few_seconds_late_misses_nobody(key: str, minute: int, seconds: int) -> None:
    """Each run covers a little more than the minute since the one before."""
    saga = Standing(key, iso(STOOD - timedelta(days=1)), iso(STOOD), waits=False)
    exact = run(minute).turn(saga)
    late = [run(each, seconds=seconds).turn(saga) for each in (minute, minute + 1)]
    if exact and exact.reason == EARLY_ON:
        assert any(late)


@pytest.mark.usefixtures("ceiling")
def test_more_than_the_ceiling_lets_through_take_turns_over_a_longer_time() -> None:
    runs = {minute: run(minute, waiting=len(KEYS)) for minute in range(60, 110)}
    by_minute = Counter(minute for key in KEYS for minute in due(key, range(60, 110), runs=runs))
    assert sorted(by_minute) == list(range(60, 110))
    assert sum(by_minute.values()) == len(KEYS)


def test_deadlines_come_before_those_whose_minute_it_is_and_these_before_the_others() -> None:
    assert BY_DEADLINE < BY_ITS_MINUTE < EARLY_ON


def test_nobody_is_the_last_in_two_minutes() -> None:
    def order(minute: int) -> list[str]:
        spacing = run(minute)
        turns = [spacing.turn(Standing(key, iso(STOOD), iso(STOOD), waits=False), everything=True) for key in KEYS[:50]]
        return [turn.key for turn in sorted(filter(None, turns))]

    orders = [tuple(order(minute)) for minute in range(20, 25)]
    assert len(set(orders)) == len(orders)
    assert len({each[-1] for each in orders}) > 1


def test_a_shorter_gap_makes_all_of_them_shorter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECOVER_AFTER_SECONDS", "1")
    settings.cache_clear()
    assert all(list(due(key, range(1, 20))) == list(range(1, 20)) for key in KEYS[:20])
