"""Book the car: the last step of a trip that goes well."""

from cars.provider import rental
from cars.rental import CarRefusedError
from contract.events import CarBooked, CarRefused, HotelBooked
from saga.step import step


@step
def handler(housed: HotelBooked) -> CarBooked | CarRefused:
    """Book the car once, under the trip's id as idempotency key."""
    try:
        booking_id = rental.book(housed.trip_id, housed.car, housed.departs_on, housed.returns_on)
    except CarRefusedError as refusal:
        return CarRefused.after(housed, failure_reason=str(refusal))
    return CarBooked.after(housed, car_booking_id=booking_id)
