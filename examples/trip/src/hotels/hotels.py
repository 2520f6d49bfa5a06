"""The port to the hotels. Put yours in `hotels.provider`."""

from datetime import date
from typing import Protocol


class RoomRefusedError(Exception):
    """The hotel will not book; its message is the reason, in words that a traveller may read."""


class Hotels(Protocol):
    """What the saga asks of hotels. Both operations may be repeated, from anywhere, at any time.

    A key, booked or cancelled, is remembered for longer than a trip's deadline and a function's timeout together. Any
    other exception than the one named here means that nothing is known, and the operation is repeated.
    """

    def book(self, key: str, hotel: str, arrival: date, departure: date) -> str:
        """Book one room under this key, and return the booking's id.

        A repeated key gives the first answer. Raises `RoomRefusedError` if the hotel is full or the key cancelled.
        """

    def cancel(self, key: str) -> None:
        """Cancel what is booked under this key, if anything is, and refuse any later booking under it."""
