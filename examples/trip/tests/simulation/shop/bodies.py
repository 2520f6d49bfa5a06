"""What the clients of the random schedules ask for, and what there is of it."""

from typing import Any

from hypothesis import strategies as st

OUT, BACK = "OS221 on 2026-12-20", "OS222 on 2026-12-27"
WORLD = {"cabins": {OUT: 5, BACK: 4}}
"""What the world of a random schedule is made with."""


def trip(hotel: str = "SACHER", car: str = "ECMR", seats: int = 2, currency: str = "EUR") -> dict[str, Any]:
    """Return the body of a request."""
    return {
        "travellerId": "TRAVELLER-1",
        "outbound": "OS221",
        "inbound": "OS222",
        "departsOn": "2026-12-20",
        "returnsOn": "2026-12-27",
        "seats": seats,
        "hotel": hotel,
        "car": car,
        "price": "1234.50",
        "currency": currency,
    }


BODIES: st.SearchStrategy[dict[str, Any]] = st.builds(
    trip,
    st.sampled_from(["SACHER", "RITZ", "HOTEL-FULL"]),
    st.sampled_from(["ECMR", "ECMR", "XXXX"]),
    st.integers(1, 2),
    st.sampled_from(["EUR", "JPY", "USD"]),
)
"""What a client may post."""
