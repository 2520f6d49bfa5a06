"""Which car rental this stack uses."""

from cars.rental import Rental
from cars.simulated_rental import SimulatedRental
from saga.provider import guarded

rental: Rental = guarded(SimulatedRental())
