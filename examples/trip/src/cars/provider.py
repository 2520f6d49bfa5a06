"""Which car rental this stack uses."""

from cars.rental import Rental
from cars.simulated_rental import SimulatedRental
from saga.time_limit import within_time

rental: Rental = within_time(SimulatedRental())
