"""The providers that the console can break, by the modules that put their adapters behind the kernel's guards."""

from tools.shop.provider import Provider

PROVIDERS = {
    "hotels.provider": Provider(
        "Hotels",
        "If they hang, they book the room in half of the calls.",
        {"book": ("hotels.hotels", "RoomRefusedError", "no room today")},
    ),
    "cars.provider": Provider(
        "Car rental",
        "If it hangs, it books the car in half of the calls.",
        {"book": ("cars.rental", "CarRefusedError", "no car today")},
    ),
}
