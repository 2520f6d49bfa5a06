"""The port to the car rental. Put yours in `cars.provider`."""

from datetime import date
from typing import Protocol


class CarRefusedError(Exception):
    """The rental will not book; its message is the reason, in words that a traveller may read."""


class Rental(Protocol):
    """What the saga asks of a car rental.

    It knows a booking by its key for good: booking comes after the pivot and is repeated for as long as it takes. Any
    other exception than the one named here means that nothing is known, and it is repeated.
    """

    def book(self, key: str, category: str, pick_up: date, drop_off: date) -> str:
        """Book one car under this key, and return the booking's id.

        A repeated key gives the first answer. Raises `CarRefusedError` if there is no such car.
        """
