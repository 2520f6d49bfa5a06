"""What must hold of trips whatever happens: seats are conserved, rooms and cars are kept for complete trips alone."""

from collections import Counter
from typing import TYPE_CHECKING

from saga.record import Record
from tests.simulation.invariants import field_of, require, statuses_of
from tools.base.transitions import EVENT_OF_STATUS

if TYPE_CHECKING:
    from tests.simulation.faulty_wire import Invocation
    from tests.simulation.simulated_world import SimulatedWorld

COMPLETE = "CAR_BOOKED"


def always(world: "SimulatedWorld", trips: dict[str, Record]) -> None:
    """Check what holds at every moment, in the middle of everything."""
    seats_are_conserved(world, trips)
    providers_are_asked_what_the_trip_says(world, trips)
    for key, times in world.shop.hotels.taken.items():
        require(key in trips, f"a room was booked under {key}, which is no trip")
        require(times == 1, f"for {world.name_of(key)} {times} rooms were booked")
    for key in world.shop.rental.cars:
        require(key in trips, f"a car was booked under {key}, which is no trip")


def at_rest(world: "SimulatedWorld", trips: dict[str, Record]) -> None:
    """Check what holds once faults have stopped and all is quiet."""
    for key, trip in trips.items():
        complete, name = trip.status == COMPLETE, world.name_of(key)
        rooms, car = world.shop.hotels.held[key], world.shop.rental.cars.get(key)
        require(rooms == int(complete), f"{name} ended as {trip.status} and holds {rooms} rooms")
        require((car is not None) == complete, f"{name} ended as {trip.status} with the car {car}")
        if complete:
            rooms_of_it = world.shop.hotels.bookings[key]
            require(field_of(trip, "hotelBookingId") in rooms_of_it, f"{name} names a room nobody booked")
            require(field_of(trip, "carBookingId") == car, f"{name} names a car nobody booked")
        else:
            refusal_is_true(world, trip, name)


def left_behind(world: "SimulatedWorld", invocation: "Invocation") -> None:
    """Check that a function that ended well left no room booked that its trip does not know."""
    answer, left_to = invocation.answer, set[str]()
    # A function that could not reach the hotels to cancel it says so, and leaves that to CancelHotel. One that found
    # its trip stopped after it booked has just asked CancelHotel.
    if "reason" in answer or (answer.get("delivery"), answer.get("published")) == ("first", "HotelAbandoned"):
        left_to.add("HOTEL_ABANDONED")
    for key in invocation.done_outside:
        record = world.records()[key]
        if answer.get("delivery") == "held":
            # Its answer is taken after the release.
            left_to.add(record.status)
        known = "HOTEL_BOOKED" in statuses_of(record) or record.status in left_to or not world.shop.hotels.held[key]
        require(known, f"{invocation.title}: leaves a room that its trip does not know")


def providers_are_asked_what_the_trip_says(world: "SimulatedWorld", trips: dict[str, Record]) -> None:
    """Check each question once: all that it says of a trip, whichever function asked."""
    shop = world.shop
    for question in shop.questions[shop.checked :]:
        key, *asked = question.asked
        days = [field_of(trips[key], name) for name in ("departsOn", "returnsOn")]
        said = [[field_of(trips[key], name), *days] for name in ("hotel", "car")]
        require(
            not asked or [*map(str, asked)] in said,
            f"{question.operation} of {world.name_of(key)} is asked with {asked}",
        )
    shop.checked = len(shop.questions)


def seats_are_conserved(world: "SimulatedWorld", trips: dict[str, Record]) -> None:
    held: Counter[str] = Counter()
    for trip in trips.values():
        went_through = statuses_of(trip)
        if "FLIGHT_BOOKED" in went_through and "FLIGHT_CANCELLED" not in went_through:
            for flight in _flights(trip):
                held[flight] += int(field_of(trip, "seats"))
    for flight, at_the_start in world.shop.cabins.items():
        available = int(world.dynamodb.items["FlightsTable"][flight]["available"]["N"])
        require(available >= 0, f"{flight} is oversold: {available} seats are available")
        require(
            available + held[flight] == at_the_start,
            f"{flight}: {available} available and {held[flight]} held, but there were {at_the_start}",
        )


def refusal_is_true(world: "SimulatedWorld", trip: Record, name: str) -> None:
    """A trip that is not complete says why, and it is the truth."""
    reason = field_of(trip, "failureReason")
    match reason.partition(" on ")[0]:
        case _ if trip.stopped:
            true = reason == trip.stopped
        case "too few seats":
            flight = reason.removeprefix("too few seats on ")
            true = flight in _flights(trip) and _fewest_since(world, trip, flight) < int(field_of(trip, "seats"))
        case "hotel full":
            true = trip.key in world.shop.hotels.refused
        case "no car left":
            true = trip.key in world.shop.rental.refused
        case "timed out":
            said = (change for change in trip.history if says_why(change.status))
            true = next(said).at - trip.created_at > world.deadline
        case _:
            true = False
    require(true, f"{name} ended as {trip.status} because of {reason!r}, which is not true")


def says_why(status: str) -> bool:
    return "failure_reason" in EVENT_OF_STATUS[status].model_fields


def _flights(trip: Record) -> list[str]:
    return [
        f"{field_of(trip, number)} on {field_of(trip, day)}"
        for number, day in (("outbound", "departsOn"), ("inbound", "returnsOn"))
    ]


def _fewest_since(world: "SimulatedWorld", trip: Record, flight: str) -> int:
    level, fewest, requested = 0, None, False
    for table, key, item in world.dynamodb.levels:
        requested = requested or (table, key) == ("TripsTable", trip.key)
        if (table, key) == ("FlightsTable", flight):
            level = int(item["available"]["N"])
        if requested:
            fewest = level if fewest is None else min(fewest, level)
    return level if fewest is None else fewest
