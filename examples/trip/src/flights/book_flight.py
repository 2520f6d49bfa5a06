"""Book seats on both flights of a new trip."""

from typing import TYPE_CHECKING

from contract.events import FlightBooked, FlightRefused, TripRequested
from contract.identity import derived_id
from flights import cabin
from saga.step import step

if TYPE_CHECKING:
    from saga.table import Write


def sold_out(requested: TripRequested, write: "Write") -> FlightRefused:
    """Refuse a trip for which one of the flights has too few seats."""
    return FlightRefused.after(requested, failure_reason=f"too few seats on {cabin.flight_of(write)}")


def give_up(requested: TripRequested, reason: str) -> FlightRefused:
    """Refuse a trip that is past its deadline, or that somebody stopped."""
    return FlightRefused.after(requested, failure_reason=reason)


@step(transact_with={FlightBooked: cabin.take}, on_condition_failed=sold_out, give_up=give_up)
def handler(requested: TripRequested) -> FlightBooked | FlightRefused:
    """Take the seats, if there are enough on both flights."""
    return FlightBooked.after(requested, flight_booking_id=derived_id("flight-booking", requested.trip_id))
