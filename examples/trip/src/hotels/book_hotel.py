"""Book the room: the pivot of the saga."""

from contract.events import FlightBooked, HotelAbandoned, HotelBooked, HotelRefused
from hotels.hotels import RoomRefusedError
from hotels.provider import hotels
from saga.step import step


def give_up(flown: FlightBooked, reason: str) -> HotelAbandoned:
    """Give up the hotel of a trip that is past its deadline, or that somebody stopped; it may have been booked."""
    return HotelAbandoned.after(flown, failure_reason=reason)


def cancel(booked: HotelBooked) -> None:
    """Cancel a room whose trip went another way meanwhile."""
    hotels.cancel(key=booked.trip_id)


@step(give_up=give_up, undo={HotelBooked: cancel})
def handler(flown: FlightBooked) -> HotelBooked | HotelRefused | HotelAbandoned:
    """Book the room once, under the trip's id as idempotency key."""
    try:
        booking_id = hotels.book(flown.trip_id, flown.hotel, flown.departs_on, flown.returns_on)
    except RoomRefusedError as refusal:
        return HotelRefused.after(flown, failure_reason=str(refusal))
    return HotelBooked.after(flown, hotel_booking_id=booking_id)
