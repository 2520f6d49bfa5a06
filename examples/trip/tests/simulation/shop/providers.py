"""Hotels and a car rental with real books: what the proof counts is what they really did."""

from collections import Counter
from datetime import date, datetime, timedelta

from cars.rental import CarRefusedError
from hotels.hotels import RoomRefusedError
from tests.simulation.faulty_wire import FaultyWire
from tests.simulation.provider import KeyReusedError, Provider
from tests.virtual_clock import VirtualClock

FULL, NONE_LEFT = "HOTEL-FULL", "XXXX"


class BookkeepingHotels(Provider):
    """`Hotels` that forget keys and cancellations after a while, but no booking.

    They keep the contract and not more: a booking under a forgotten key takes another room. A cancellation finds every
    room under its key, however old.
    """

    def __init__(
        self, wire: FaultyWire, clock: VirtualClock, memory: timedelta, *, remember_cancellations: bool = True
    ) -> None:
        super().__init__(wire, clock)
        self._memory, self._remember_cancellations = memory, remember_cancellations
        self._answers: dict[str, tuple[datetime, tuple[str, date, date], str | None]] = {}
        self._cancelled: dict[str, datetime] = {}
        self.taken: Counter[str] = Counter()
        self.held: Counter[str] = Counter()
        self.bookings: dict[str, list[str]] = {}
        self.refused: set[str] = set()

    def book(self, key: str, hotel: str, arrival: date, departure: date) -> str:
        booking_id: str = self._carry("book room", lambda: self._book(key, (hotel, arrival, departure)))
        if self._wire.current:
            self._wire.current.done_outside.append(key)
        return booking_id

    def cancel(self, key: str) -> None:
        self._carry("cancel room", lambda: self._cancel(key))

    def _book(self, key: str, what: tuple[str, date, date]) -> str:
        if self._remembers(self._cancelled.get(key)):
            raise RoomRefusedError("booking cancelled")
        known = self._answers.get(key)
        if known is None or not self._remembers(known[0]):
            known = self._answers[key] = (self._clock.time, what, self._take(key, what[0]))
        _, before, booking_id = known
        if before != what:
            raise KeyReusedError(f"{key} was booked for {before} and now for {what}")
        if booking_id is None:
            raise RoomRefusedError("hotel full")
        return booking_id

    def _take(self, key: str, hotel: str) -> str | None:
        if hotel == FULL:
            self.refused.add(key)
            return None
        self.taken[key] += 1
        self.held[key] += 1
        booking_id = f"room-{self.taken.total()}"
        self.bookings.setdefault(key, []).append(booking_id)
        return booking_id

    def _cancel(self, key: str) -> None:
        self.held[key] = 0
        if self._remember_cancellations:
            self._cancelled[key] = self._clock.time

    def _remembers(self, since: datetime | None) -> bool:
        return since is not None and self._clock.time - since <= self._memory


class BookkeepingRental(Provider):
    """A `Rental` that knows a booking by its key for good."""

    def __init__(self, wire: FaultyWire, clock: VirtualClock) -> None:
        super().__init__(wire, clock)
        self._answers: dict[str, tuple[str, date, date]] = {}
        self.cars: dict[str, str] = {}
        self.refused: set[str] = set()

    def book(self, key: str, category: str, pick_up: date, drop_off: date) -> str:
        booking_id: str = self._carry("book car", lambda: self._book(key, (category, pick_up, drop_off)))
        return booking_id

    def _book(self, key: str, what: tuple[str, date, date]) -> str:
        if self._answers.setdefault(key, what) != what:
            raise KeyReusedError(f"{key} was booked for {self._answers[key]} and now for {what}")
        if what[0] == NONE_LEFT:
            self.refused.add(key)
            raise CarRefusedError("no car left")
        return self.cars.setdefault(key, f"car-{len(self.cars) + 1}")
