"""What is counted is what happened."""

import pytest

from tests.simulation.shop.outage.timeline import Timeline


@pytest.fixture
def timeline() -> Timeline:
    timeline = Timeline()
    for second, calls in {0: 9, 60: 1, 65: 4, 69: 1, 70: 7, 130: 3}.items():
        for _ in range(calls):
            timeline.called(second + 0.5)
    return timeline


def test_the_busiest_second_is_one_of_the_time_asked_for(timeline: Timeline) -> None:
    assert timeline.busiest_second(60, 70) == 4
    assert timeline.busiest_second(200, 300) == 0


def test_the_busiest_while_slides_over_the_time_asked_for(timeline: Timeline) -> None:
    assert timeline.busiest_while(60, 70, seconds=10) == 0.6
    assert timeline.busiest_while(60, 140, seconds=10) == 1.2
    assert timeline.busiest_while(60, 140, seconds=60) == 0.22


def test_the_curves_are_the_most_of_each_minute_and_all_letters_until_then(timeline: Timeline) -> None:
    timeline.dead_letters.update([5, 61, 62])
    timeline.busy(61.5, 3)
    timeline.busy(61.9, 2)
    timeline.waiting[119] = 12
    assert timeline.curves(130) == {
        "waiting": [0, 12, 0],
        "at_once": [0, 3, 0],
        "calls": [9, 7, 3],
        "dead_letters": [1, 3, 3],
    }
