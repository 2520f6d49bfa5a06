"""The model of Lambda does what AWS says that Lambda does."""

from collections.abc import Callable
from random import Random
from typing import Any

import pytest

from tests.simulation.outage.event_loop import EventLoop
from tests.simulation.outage.lambda_service import Configuration, LambdaService, Left, ThrottledError
from tests.simulation.outage.run import OutOfTimeError, Run

NAME = "Step"
EVENT = {"detail-type": "Event"}


class Account:
    """An account with one function, whose runs are written down."""

    def __init__(self, limit: int = 1_000, takes: float = 1.0, fails: int = 0, **configuration: Any) -> None:
        self.loop = EventLoop()
        self.service = LambdaService(self.loop, Random(1), limit)  # noqa: S311
        self.began: list[float] = []
        self.environments: list[object] = []
        self.ended: list[BaseException | None] = []
        self._takes, self._fails = takes, fails
        self.service.add(Configuration(NAME, **configuration), self.handle)

    def handle(self, _event: dict[str, Any], run: Run) -> None:
        self.began.append(self.loop.clock.seconds)
        self.environments.append(run.environment)
        self.loop.clock.passes(self._takes)
        if len(self.began) <= self._fails:
            raise RuntimeError("a bug")

    def invoke(self) -> None:
        self.service.invoke(NAME, EVENT, lambda run: self.ended.append(run.failure))

    def publish(self, times: int = 1, **options: float) -> None:
        for _ in range(times):
            self.service.invoke_asynchronously(NAME, EVENT, **options)

    def run(self, until: Callable[[], bool] = lambda: False) -> None:
        self.loop.run(until)

    def pauses(self) -> list[int]:
        return [round(later - earlier) for earlier, later in zip(self.began, self.began[1:], strict=False)]


def test_an_event_that_a_function_fails_on_is_tried_again_after_one_and_two_minutes() -> None:
    account = Account(takes=1, fails=2)
    account.publish()
    account.run()
    assert account.pauses() == [61, 121]
    assert (account.service.left, account.service.waiting) == ({}, 0)


def test_an_event_that_no_try_took_goes_to_on_failure() -> None:
    account = Account(takes=0, fails=3)
    account.publish()
    account.run()
    assert len(account.began) == 3
    assert account.service.left == {Left.DEAD_LETTER: 1}
    assert [(name, event) for _, name, event in account.service.dead_letters] == [(NAME, EVENT)]


def test_without_on_failure_it_is_dropped() -> None:
    account = Account(fails=1, attempts=1, on_failure=False)
    account.publish()
    account.run()
    assert account.service.left == {Left.DROPPED: 1}
    assert account.service.dead_letters == []


def test_a_function_that_runs_too_long_is_ended_and_its_environment_is_gone() -> None:
    account = Account(takes=100, timeout=60, attempts=1)
    account.publish()
    account.run()
    assert account.loop.clock.seconds == pytest.approx(60.8)
    assert account.service.left == {Left.DEAD_LETTER: 1}
    assert account.service.functions[NAME].idle == []


def test_no_more_run_at_once_than_the_account_allows() -> None:
    account = Account(limit=3, takes=10)
    for _ in range(3):
        account.invoke()
    with pytest.raises(ThrottledError):
        account.invoke()
    account.run()
    assert account.service.most_at_once[NAME] == 3
    assert account.service.throttled[NAME] == 1
    account.invoke()


def test_throttled_events_wait_in_the_queue_ever_longer_and_are_all_handled() -> None:
    account = Account(limit=2, takes=10)
    account.publish(20)
    account.run()
    assert len(account.began) == 20
    assert account.service.most_at_once[NAME] == 2
    assert account.service.left == {}
    # Two at once need 100 s; whoever waits looks ever less often.
    assert 100 < account.loop.clock.seconds < 700


def test_an_event_that_is_throttled_for_too_long_goes_to_on_failure() -> None:
    account = Account(limit=1, takes=50, most_age=30)
    account.publish(2)
    account.run()
    assert len(account.began) == 1
    assert account.service.left == {Left.DEAD_LETTER: 1}


def test_what_is_reserved_for_a_function_is_its_limit_and_is_taken_from_the_others() -> None:
    account = Account(limit=5, takes=10, reserved=2)
    account.service.add(Configuration("Other"), account.handle)
    account.publish(3)
    for _ in range(3):
        account.service.invoke("Other", EVENT, lambda _run: None)
    with pytest.raises(ThrottledError):
        account.service.invoke("Other", EVENT, lambda _run: None)
    account.run()
    assert account.service.most_at_once == {NAME: 2, "Other": 3}
    assert account.service.throttled[NAME] > 0
    assert len(account.began) == 6


def test_an_environment_is_used_again_with_what_it_kept_until_it_was_idle_for_long() -> None:
    account = Account(takes=1)
    account.publish()
    account.run()
    account.publish()
    account.run()
    account.loop.after(601, account.publish)
    account.run()
    first, second, third = account.environments
    assert first is second
    assert third is not first
    assert account.service.cold_starts[NAME] == 2


def test_two_events_at_once_are_in_two_environments() -> None:
    account = Account(takes=1)
    account.publish(2)
    account.run()
    first, second = account.environments
    assert first is not second


@pytest.mark.parametrize("is_long", [False, True])
def test_a_run_that_gives_way_lets_others_run_meanwhile(*, is_long: bool) -> None:
    account, seen = Account(), list[str]()

    def look(_event: dict[str, Any], _run: Run) -> None:
        seen.append("begins")
        account.loop.clock.passes(10)
        seen.append(f"ends at {account.loop.clock.seconds:.1f}")

    account.service.add(Configuration("Look", is_long=is_long), look)
    account.loop.at(5, lambda: seen.append("meanwhile"))
    account.service.invoke("Look", EVENT, lambda _run: seen.append(f"over at {account.loop.clock.seconds:.1f}"))
    account.run()
    expected = ["begins", "meanwhile", "ends at 10.8"] if is_long else ["begins", "ends at 10.8", "meanwhile"]
    assert seen == [*expected, "over at 10.8"]


@pytest.mark.parametrize("is_long", [False, True])
def test_a_run_that_is_killed_stops_where_it_is_and_is_tried_again(*, is_long: bool) -> None:
    account, done = Account(is_long=is_long), list[float]()

    def count(_event: dict[str, Any], _run: Run) -> None:
        for _ in range(4):
            account.loop.clock.passes(1)
            done.append(account.loop.clock.seconds)

    account.service.add(Configuration("Count", is_long=is_long), count)
    account.service.invoke_asynchronously("Count", EVENT, dies_after=2.5)
    account.run()
    assert [round(each) for each in done] == [2, 3, 65, 66, 67, 68]


def test_out_of_time_is_no_exception_that_a_handler_would_catch() -> None:
    assert not issubclass(OutOfTimeError, Exception)
