"""The ways that a trip can go, each with a trip that goes it."""

from typing import Any

from tools.shop.trigger import Trigger

TRIP: dict[str, Any] = {
    "travellerId": "TRAVELLER-1",
    "outbound": "OS221",
    "inbound": "OS222",
    "departsOn": "2026-12-20",
    "returnsOn": "2026-12-27",
    "seats": 2,
    "hotel": "SACHER",
    "car": "ECMR",
    "price": "1234.50",
    "currency": "EUR",
}

TRIGGERS = {
    "happy": Trigger(
        body=TRIP,
        promises={"status": "CAR_BOOKED"},
        fields=("flightBookingId", "hotelBookingId", "carBookingId"),
    ),
    "sold-out": Trigger(
        body=TRIP | {"inbound": "OS999"},
        promises={"status": "FLIGHT_REFUSED", "failureReason": "too few seats on OS999 on 2026-12-27"},
        fields=(),
    ),
    "hotel-full": Trigger(
        body=TRIP | {"hotel": "HOTEL-FULL"},
        promises={"status": "FLIGHT_CANCELLED", "failureReason": "hotel full"},
        fields=("flightBookingId",),
    ),
    "no-car": Trigger(
        body=TRIP | {"car": "XXXX"},
        promises={"status": "FLIGHT_CANCELLED", "failureReason": "no car left"},
        fields=("flightBookingId", "hotelBookingId"),
    ),
}
DEMO = ("happy", "sold-out", "hotel-full")
"""What `make demo` shows."""
