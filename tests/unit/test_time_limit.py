"""A provider has a time limit, whatever its adapter does."""

from collections.abc import Iterator
from threading import Event
from threading import enumerate as enumerate_threads

import pytest

from saga.provider import guarded
from saga.settings import settings
from saga.time_limit import ProviderTimeoutError, within_time
from shipping import provider as carriers
from tests.unit.stories import HAPPY
from tests.unit.world import World


class Adapter:
    """An adapter that knows no time limit of its own."""

    def __init__(self) -> None:
        self.goes_on = Event()

    def hangs(self) -> str:
        assert self.goes_on.wait(60)
        return "too late"

    def answers(self, one: int, *, two: int) -> tuple[int, int]:
        return one, two

    def fails(self) -> None:
        raise TimeoutError("its own")


@pytest.fixture
def adapter(monkeypatch: pytest.MonkeyPatch) -> Iterator[Adapter]:
    monkeypatch.setenv("PROVIDER_TIMEOUT_SECONDS", "0.05")
    settings.cache_clear()
    adapter = Adapter()
    yield adapter
    adapter.goes_on.set()
    settings.cache_clear()


def test_an_operation_that_takes_too_long_is_abandoned(adapter: Adapter) -> None:
    with pytest.raises(ProviderTimeoutError, match=r"^hangs: the provider did not answer within 0.05 s$"):
        within_time(adapter).hangs()


def test_the_next_operation_does_not_wait_for_one_that_was_abandoned(adapter: Adapter) -> None:
    limited = within_time(adapter)
    with pytest.raises(ProviderTimeoutError):
        limited.hangs()
    assert limited.answers(1, two=2) == (1, 2)
    assert not adapter.goes_on.is_set()


def test_nobody_waits_for_the_thread_of_an_abandoned_operation_not_even_the_exit(adapter: Adapter) -> None:
    threads = set(enumerate_threads())
    with pytest.raises(ProviderTimeoutError):
        within_time(adapter).hangs()
    (abandoned,) = set(enumerate_threads()) - threads
    assert abandoned.daemon


def test_an_operation_keeps_its_name_behind_the_guards(adapter: Adapter) -> None:
    assert (within_time(adapter).answers.__name__, guarded(adapter).answers.__name__) == ("answers", "answers")


def test_what_the_adapter_raises_is_raised(adapter: Adapter) -> None:
    with pytest.raises(TimeoutError, match="its own"):
        within_time(adapter).fails()


def test_the_steps_ask_their_providers_within_the_time_limit_and_defer(
    world: World, adapter: Adapter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(world.gateway, "charge", lambda _payment: adapter.hangs())
    monkeypatch.setattr(world.gateway, "void", lambda _payment: adapter.hangs())
    monkeypatch.setattr(carriers.adapter, "book", lambda _shipment: adapter.hangs())
    for at in (1, 2):
        order = world.begin(HAPPY, at)
        before = world.stack.record(order.order_id)
        said = world.deliver(HAPPY.path[at], order.detail(HAPPY.path[at]))
        assert (said["delivery"], said["published"]) == ("deferred", None)
        assert said["reason"].endswith(": the provider did not answer within 0.05 s")
        assert world.stack.record(order.order_id) == before
