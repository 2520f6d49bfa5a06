"""The guided tour of the console: what may go wrong at a travel agency, broken one after the other."""

from tools.shop.stop import Stop

TOUR = (
    Stop(
        "A trip that is taken back",
        "The hotel is full. Nobody conducts: each function consumes an event, and publishes one, and so the seats are "
        "freed again.",
        {"Request a trip": [{"place": "hotel-full"}]},
        "The way back in the picture, down to FlightCancelled; the seats are as many as before.",
    ),
    Stop(
        "Would a room be booked twice?",
        "The hotels book and never answer. The step is repeated, under the trip's id, which they remember.",
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
