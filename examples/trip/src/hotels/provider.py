"""Which hotels this stack books."""

from hotels.hotels import Hotels
from hotels.simulated_hotels import SimulatedHotels

hotels: Hotels = SimulatedHotels()
