"""A broken invariant comes with the story of how it broke."""

import pytest

from tests.simulation.invariants import BrokenInvariantError
from tests.simulation.shop import known_schedules, mutations


def test_a_failure_tells_its_story(monkeypatch: pytest.MonkeyPatch) -> None:
    mutations.a_lost_race_voids_nothing(monkeypatch)

    with pytest.raises(BrokenInvariantError) as broken:
        known_schedules.a_charge_arrives_after_its_order_timed_out_and_before_its_refund()

    (story,) = broken.value.__notes__
    assert "ChargePayment consumes InventoryReserved of order-1, is held up at update_item" in story
