"""A provider that fails a few times in a row is left alone for a while."""

from collections.abc import Callable

import pytest

from saga import circuit_breaker
from saga.circuit_breaker import FAILURES, OPEN_AT_FIRST, SHORTEST, with_circuit_breaker
from saga.deferral import Deferral, KeyRefusedError, UnreachableError
from tests.virtual_clock import VirtualClock


class Provider:
    """A provider that fails as it is told to, and counts its calls."""

    def __init__(self) -> None:
        self.fault: Exception | None = None
        self.calls = 0

    def ask(self, question: str = "?") -> str:
        self.calls += 1
        if self.fault:
            raise self.fault
        return f"{question}!"

    def ask_otherwise(self) -> str:
        return self.ask()


@pytest.fixture
def provider(clock: VirtualClock) -> Provider:  # noqa: ARG001  time stands still
    return Provider()


@pytest.fixture(autouse=True)
def _open_as_long_as_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(circuit_breaker, "uniform", lambda _least, most: most)


@pytest.fixture
def guarded(provider: Provider) -> Provider:
    """A provider that has answered once."""
    guarded = with_circuit_breaker(provider)
    guarded.ask()
    provider.calls = 0
    return guarded


def fail(ask: Callable[[], str], times: int, kind: type[Exception] = UnreachableError) -> None:
    for _ in range(times):
        with pytest.raises(kind):
            ask()


def test_an_answer_is_passed_on(guarded: Provider) -> None:
    assert guarded.ask("why") == "why!"


@pytest.mark.parametrize("fault", [ConnectionRefusedError("to CUST-1"), TimeoutError("of CUST-1")], ids=repr)
def test_pythons_own_errors_are_a_provider_that_is_unreachable_and_their_text_is_nobodys(
    guarded: Provider, provider: Provider, fault: Exception
) -> None:
    provider.fault = fault
    with pytest.raises(UnreachableError) as raised:
        guarded.ask()
    assert str(raised.value) == f"ask: {type(fault).__name__}"


def test_after_some_failures_in_a_row_it_is_not_called_at_all(guarded: Provider, provider: Provider) -> None:
    provider.fault = UnreachableError("503")
    fail(guarded.ask, FAILURES)
    with pytest.raises(
        UnreachableError, match=r"^ask_otherwise: not tried, the circuit is open after 5 failures in a row$"
    ):
        guarded.ask_otherwise()
    assert provider.calls == FAILURES


def test_where_the_provider_never_answered_yet_one_failure_is_enough(provider: Provider, clock: VirtualClock) -> None:
    guarded = with_circuit_breaker(provider)
    provider.fault = UnreachableError("503")
    fail(guarded.ask, 5)
    assert provider.calls == 1
    clock.advance(OPEN_AT_FIRST)
    fail(guarded.ask, 5)
    assert provider.calls == 2


def test_circuits_that_opened_together_are_probed_at_different_times(
    provider: Provider, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(circuit_breaker, "uniform", lambda least, _most: least)
    guarded = with_circuit_breaker(provider)
    provider.fault = UnreachableError("503")
    fail(guarded.ask, 2)
    clock.advance(OPEN_AT_FIRST * SHORTEST)
    fail(guarded.ask, 2)
    assert provider.calls == 2


def test_a_success_in_between_begins_the_count_anew(guarded: Provider, provider: Provider) -> None:
    for _ in range(3):
        provider.fault = UnreachableError("503")
        fail(guarded.ask, FAILURES - 1)
        provider.fault = None
        guarded.ask()
    assert provider.calls == 3 * FAILURES


def test_each_probe_that_fails_doubles_the_time_up_to_the_longest(
    guarded: Provider, provider: Provider, clock: VirtualClock
) -> None:
    provider.fault = UnreachableError("503")
    fail(guarded.ask, FAILURES)
    for seconds in (10, 20, 40, 80, 80):
        calls = provider.calls
        clock.advance(seconds=seconds - 0.001)
        fail(guarded.ask, 5)
        assert provider.calls == calls
        clock.advance(milliseconds=1)
        # One call probes, and no other.
        fail(guarded.ask, 5)
        assert provider.calls == calls + 1


def test_a_probe_that_succeeds_closes_it(guarded: Provider, provider: Provider, clock: VirtualClock) -> None:
    provider.fault = UnreachableError("503")
    fail(guarded.ask, FAILURES)
    provider.fault = None
    clock.advance(OPEN_AT_FIRST)
    assert [guarded.ask(), guarded.ask()] == ["?!", "?!"]
    provider.fault = UnreachableError("503")
    fail(guarded.ask, FAILURES - 1)
    provider.fault = None
    assert guarded.ask() == "?!"


def test_a_refused_key_stays_one_while_the_circuit_is_open(guarded: Provider, provider: Provider) -> None:
    """Its alarm would end otherwise while nothing is mended."""
    provider.fault = KeyRefusedError("401")
    fail(guarded.ask, FAILURES + 1, KeyRefusedError)
    assert provider.calls == FAILURES


@pytest.mark.parametrize("fault", [ValueError("a bug"), Deferral("not yet")], ids=repr)
def test_what_says_nothing_about_the_provider_neither_opens_nor_closes_it(
    guarded: Provider, provider: Provider, fault: Exception
) -> None:
    provider.fault = fault
    fail(guarded.ask, 2 * FAILURES, type(fault))
    assert provider.calls == 2 * FAILURES
    provider.fault = UnreachableError("503")
    fail(guarded.ask, FAILURES - 1)
    provider.fault = fault
    fail(guarded.ask, 1, type(fault))
    provider.fault = UnreachableError("503")
    fail(guarded.ask, 2)
    assert provider.calls == 3 * FAILURES + 1


def test_two_providers_have_a_circuit_each(provider: Provider) -> None:
    one, other = with_circuit_breaker(provider), with_circuit_breaker(provider)
    provider.fault = UnreachableError("503")
    fail(one.ask, 1)
    provider.fault = None
    assert other.ask() == "?!"
