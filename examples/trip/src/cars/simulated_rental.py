"""A car rental for the demo and the tests."""

from datetime import date

from cars.rental import CarRefusedError
from contract.identity import derived_id

NONE_LEFT = "XXXX"


class SimulatedRental:
    """A `Rental` whose answer follows from the key and the category alone, the same however often it is asked.

    Of the category `XXXX` there is never a car left.
    """

    def book(self, key: str, category: str, pick_up: date, drop_off: date) -> str:  # noqa: ARG002  the port's signature
        """Book one car under this key; see `Rental.book`."""
        if category == NONE_LEFT:
            raise CarRefusedError("no car left")
        return derived_id("car-booking", key)
