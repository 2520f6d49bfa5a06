"""Which hotels this stack books."""

from hotels.hotels import Hotels
from hotels.simulated_hotels import SimulatedHotels
from saga.provider import guarded

hotels: Hotels = guarded(SimulatedHotels())
