"""How recovery spreads what it publishes over its minute: in batches of which size, and how far apart."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from contract.events import OrderEvent
from saga.event import Event
from saga.recovery import WORKERS, Run
from saga.settings import settings
from tests.unit.moto_stack import Context
from tests.virtual_clock import VirtualClock


class Paced:
    """A run of recovery whose reads find nothing, with the batches that it read and the pauses between them."""

    def __init__(self, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch) -> None:
        self.batches: list[int] = []
        self.pauses: list[float] = []
        self.late = timedelta()
        """How much later than it is told to a pause ends."""

        def events(keys: list[str], _root: type[Event]) -> Iterator[Event]:
            self.batches.append(len(keys))
            return iter(())

        def sleep(seconds: float) -> None:
            self.pauses.append(seconds)
            clock.advance(timedelta(seconds=seconds) + self.late)

        monkeypatch.setattr("saga.in_flight.events", events)
        monkeypatch.setattr("saga.recovery.time.sleep", sleep)

    def publish(self, keys: int) -> None:
        Run(OrderEvent, Context()).publish([str(number) for number in range(keys)])


@pytest.fixture
def paced(clock: VirtualClock, monkeypatch: pytest.MonkeyPatch) -> Paced:
    return Paced(clock, monkeypatch)


@pytest.mark.parametrize(
    ("a_second", "batch", "apart"),
    [(1, 1, 1.0), (3, 3, 1.0), (10, 10, 1.0), (40, 10, 0.25), (48, 12, 0.25), (400, 100, 0.25), (1_000, 100, 0.1)],
)
def test_a_second_takes_several_batches_of_ten_or_more_and_none_that_is_above_the_ceiling(
    paced: Paced, monkeypatch: pytest.MonkeyPatch, a_second: int, batch: int, apart: float
) -> None:
    monkeypatch.setenv("RECOVERY_PER_SECOND", str(a_second))
    settings.cache_clear()
    paced.publish(3 * batch + 1)
    assert sorted(paced.batches) == [1, batch, batch, batch] if batch > 1 else [1] * 4
    assert paced.pauses == pytest.approx([0.0, apart, apart, apart])


def test_without_a_ceiling_nothing_is_waited_for(paced: Paced) -> None:
    paced.publish(250)
    assert sorted(paced.batches) == [50, 100, 100]
    assert paced.pauses == []


def test_a_batch_that_comes_late_is_not_waited_for(paced: Paced, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECOVERY_PER_SECOND", "2")
    settings.cache_clear()
    paced.late = timedelta(seconds=5)
    paced.publish(6)
    assert paced.pauses == [0.0, 0.0, 0.0]


def test_as_many_batches_are_under_way_as_a_client_has_connections_to_spare() -> None:
    assert WORKERS == 8
