"""Compensation: free the seats of a failed trip."""

from contract.events import FlightCancelled, HotelCancelled, HotelRefused
from flights import cabin
from saga.step import step


@step(transact_with={FlightCancelled: cabin.free})
def handler(failed: HotelRefused | HotelCancelled) -> FlightCancelled:
    """Free the seats on both flights: the trip is over, and nothing is booked for it."""
    return FlightCancelled.after(failed)
