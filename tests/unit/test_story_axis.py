"""The time axis of a story's drawing."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.stories import PLACED
from tools.operating.story.axis import Axis, Stretch

SECONDS = st.integers(0, 100_000).map(lambda tenths: tenths / 10)


def at(seconds: float) -> datetime:
    return PLACED + timedelta(seconds=seconds)


def stretch(since: float, until: float) -> Stretch:
    return at(since), at(until)


def test_times_lie_where_their_share_of_the_whole_is() -> None:
    axis = Axis.over([stretch(0, 1), stretch(4, 5)], 100)
    assert [axis.column(at(second)) for second in (0, 1, 2.5, 4, 5)] == [0, 20, 50, 80, 99]
    assert axis.cuts == ()


def test_a_long_time_in_which_nothing_happens_is_cut_out() -> None:
    axis = Axis.over([stretch(0, 1), stretch(61, 62)], 100)
    assert axis.cuts == (stretch(1, 61),)
    assert [axis.column(at(second)) for second in (0, 1, 61, 62)] == [0, 49, 51, 99]


def test_several_long_times_are_cut_out_each() -> None:
    axis = Axis.over([stretch(0, 1), stretch(61, 62), stretch(122, 123)], 100)
    assert axis.cuts == (stretch(1, 61), stretch(62, 122))


def test_a_wait_that_comes_again_and_again_stays_and_one_that_is_far_longer_is_cut_out() -> None:
    minutes = [stretch(60 * minute, 60 * minute + 1) for minute in range(10)]
    assert Axis.over(minutes, 100).cuts == ()
    assert Axis.over([*minutes, stretch(9_000, 9_001)], 100).cuts == (stretch(541, 9_000),)


def test_what_is_as_long_as_the_steps_themselves_stays() -> None:
    assert Axis.over([stretch(0, 20), stretch(70, 90)], 100).cuts == ()


def test_a_wait_of_seconds_stays_however_quick_the_steps_were() -> None:
    assert Axis.over([stretch(0, 0.01), stretch(4.9, 4.91)], 100).cuts == ()


def test_everything_at_once_lies_at_the_beginning() -> None:
    assert Axis.over([stretch(3, 3)], 10).column(at(3)) == 0


@given(st.lists(st.tuples(SECONDS, SECONDS), min_size=1, max_size=40), st.integers(12, 120), SECONDS, SECONDS)
def test_later_is_never_further_left_and_nothing_lies_beside_the_axis(
    times: list[tuple[float, float]], columns: int, one: float, other: float
) -> None:
    axis = Axis.over([stretch(min(pair), max(pair)) for pair in times], columns)
    inside = [min(max(at(second), axis.begin), axis.end) for second in sorted([one, other])]
    earlier, later = (axis.column(time) for time in inside)
    assert 0 <= axis.column(axis.begin) <= earlier <= later <= axis.column(axis.end) < columns
