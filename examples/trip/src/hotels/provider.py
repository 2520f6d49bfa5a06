"""Which hotels this stack books."""

from hotels.hotels import Hotels
from hotels.simulated_hotels import SimulatedHotels
from saga.time_limit import within_time

hotels: Hotels = within_time(SimulatedHotels())
