"""Every event of the saga, each an extension of the event that it follows."""

from datetime import date

from contract.values import (
    Category,
    Currency,
    FailureReason,
    Flight,
    Hotel,
    Price,
    Reference,
    Seats,
    TravellerId,
    TripId,
)
from saga.event import Event, Timestamp


class TripEvent(Event, source="trip-saga", key="trip_id"):
    """What happened to a trip."""

    trip_id: TripId
    created_at: Timestamp


class TripRequested(TripEvent, status="REQUESTED", stoppable=True):
    """A traveller asked for a trip."""

    traveller_id: TravellerId
    outbound: Flight
    inbound: Flight
    departs_on: date
    returns_on: date
    seats: Seats
    hotel: Hotel
    car: Category
    price: Price
    currency: Currency


class FlightBooked(TripRequested, stoppable=True):
    """The seats on both flights are taken."""

    flight_booking_id: Reference


class HotelBooked(FlightBooked):
    """The room is booked: the pivot, from here on the trip is to be completed."""

    hotel_booking_id: Reference


class CarBooked(HotelBooked, terminal=True):
    """The car is booked, as all the rest: the trip is complete."""

    car_booking_id: Reference


class CarRefused(HotelBooked):
    """There is no such car: hotel and flights are to be cancelled."""

    failure_reason: FailureReason


class HotelRefused(FlightBooked):
    """The hotel is full: the flights are to be cancelled."""

    failure_reason: FailureReason


class HotelAbandoned(FlightBooked):
    """The hotel was given up without knowing whether it was booked: whatever was booked is to be cancelled."""

    failure_reason: FailureReason


class HotelCancelled(FlightBooked, follows=(CarRefused, HotelAbandoned), compensates=HotelBooked):
    """No room is booked for this trip any more: the flights are to be cancelled."""

    failure_reason: FailureReason


class FlightCancelled(FlightBooked, follows=(HotelRefused, HotelCancelled), compensates=FlightBooked, terminal=True):
    """The seats are free again: the trip is fully compensated."""

    failure_reason: FailureReason


class FlightRefused(TripRequested, terminal=True):
    """There were not enough seats, or no time left: the trip ends here, with nothing to compensate."""

    failure_reason: FailureReason
