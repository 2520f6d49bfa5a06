"""Compensation: make sure that no room is booked for a failed trip."""

from contract.events import CarRefused, HotelAbandoned, HotelCancelled
from hotels.provider import hotels
from saga.step import step


@step
def handler(failed: CarRefused | HotelAbandoned) -> HotelCancelled:
    """Cancel whatever was booked under the trip's id, and any booking that is still under way."""
    hotels.cancel(key=failed.trip_id)
    return HotelCancelled.after(failed)
