"""The providers that the console can break, by the modules that put their adapters behind the kernel's guards."""

from tools.shop.provider import Provider

PROVIDERS = {
    "hotels.provider": Provider(
        "Hotels",
        "When they hang, they have booked the room as often as not.",
        {"book": ("hotels.hotels", "RoomRefusedError", "no room today")},
    ),
    "cars.provider": Provider(
        "Car rental",
        "When it hangs, it has booked the car as often as not.",
        {"book": ("cars.rental", "CarRefusedError", "no car today")},
    ),
}
