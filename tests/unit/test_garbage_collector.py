"""The kernel spares a cold start the search for garbage, and leaves every other process alone."""

import gc
from collections.abc import Iterator
from importlib import reload

import pytest

import saga


@pytest.fixture(autouse=True)
def _threshold_of_python() -> Iterator[None]:
    before = gc.get_threshold()
    gc.set_threshold(700, 10, 10)
    yield
    gc.set_threshold(*before)


def test_in_lambda_importing_searches_for_no_garbage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "ReserveInventory")
    reload(saga)
    assert gc.get_threshold()[0] > 110_000


def test_elsewhere_the_garbage_collector_stays_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_LAMBDA_FUNCTION_NAME", raising=False)
    reload(saga)
    assert gc.get_threshold() == (700, 10, 10)
