"""The ways that a trip may go, for the crash matrix."""

from tests.simulation.branch import Branch
from tests.simulation.shop.bodies import BACK, OUT, trip


def branch(  # noqa: PLR0913  each way is a few of these
    name: str, *, hotel: str = "SACHER", car: str = "ECMR", back: int = 5, late: str | None = None, doubt: bool = False
) -> Branch:
    """Return the branch of a trip with two seats; `back` are the seats on the flight back."""
    return Branch(name, trip(hotel, car), {"cabins": {OUT: 5, BACK: back}}, late, doubt)


BRANCHES = (
    branch("happy"),
    branch("sold out", back=1),
    branch("hotel full", hotel="HOTEL-FULL"),
    branch("no car", car="XXXX"),
    branch("timed out before its flights", late="TripRequested"),
    branch("timed out at its hotel", late="FlightBooked"),
    branch("timed out with its hotel in doubt", late="FlightBooked", doubt=True),
    branch("housed, then driven late", late="HotelBooked"),
    branch("no car, then cancelled late", car="XXXX", late="CarRefused"),
)
