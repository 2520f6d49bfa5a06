"""Ways to break a guard of the travel agency, and the proofs that notice those that only a trip can show."""

from typing import Any

import pytest

from contract.events import HotelCancelled
from hotels import book_hotel, cancel_hotel
from tests.simulation import mutations, proofs
from tests.simulation.shop import known_schedules

Patch = pytest.MonkeyPatch


def a_lost_race_cancels_nothing(patch: Patch) -> None:
    patch.setattr(book_hotel.handler, "_undo", {})


def a_cancellation_cancels_nothing(patch: Patch) -> None:
    def lazy(failed: Any) -> HotelCancelled:
        return HotelCancelled.after(failed)

    patch.setattr(cancel_hotel.handler, "_decide", lazy)


def a_hotel_knows_no_deadline(patch: Patch) -> None:
    patch.setattr(book_hotel.handler, "_abandon", None)


ALONE = [
    (mutations.failed_entries_are_ignored, known_schedules.the_bus_refuses_an_event_of_a_step),
    (mutations.a_conflict_is_taken_for_a_failed_condition, known_schedules.the_flights_are_busy_for_a_moment),
    (a_lost_race_cancels_nothing,
     known_schedules.a_room_is_booked_after_its_trip_timed_out_and_before_its_cancellation),
    (a_cancellation_cancels_nothing, proofs.the_crash_matrix),
    (a_hotel_knows_no_deadline, proofs.the_crash_matrix),
]  # fmt: skip
"""A guard that nothing else stands in for, and a proof that misses it."""

TOGETHER = [
    (mutations.a_duplicate_does_not_publish_again,
     mutations.recovery_publishes_nothing,
     known_schedules.a_step_dies_between_its_write_and_its_publish),
    (a_lost_race_cancels_nothing,
     a_cancellation_cancels_nothing,
     known_schedules.a_room_is_booked_after_its_trip_timed_out_and_was_cancelled),
]  # fmt: skip
"""Two guards against one thing, and the schedule in which one of them is enough."""
