"""The guided tour of the console: what may go wrong at a travel agency, one fault after the other."""

from tools.shop.stop import Stop

TOUR = (
    Stop(
        "A compensated trip",
        "The hotel is full. There is no orchestrator: each function consumes an event and publishes the next, until "
        "the seats are free again.",
        {"Request a trip": [{"place": "hotel-full"}]},
        "The yellow path in the diagram, down to FlightCancelled. The number of free seats is as before.",
    ),
    Stop(
        "Is a room booked twice?",
        "The hotels book and never answer. The step asks again, with the trip's id as idempotency key.",
        {
            "Let them hang, and request three trips": [
                {"switch": "hotels.provider", "to": "hang"},
                *[{"place": "happy"}] * 3,
            ],
            "Restore it, and run recovery": [{"back": True}, {"recover": True}],
        },
        "BookHotel defers, in yellow, and the trips wait. Restore it: they continue, each with one room.",
    ),
)
