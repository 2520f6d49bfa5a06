"""Which carrier this stack uses."""

from shipping.carrier import Carrier
from shipping.simulated_carrier import SimulatedCarrier

carrier: Carrier = SimulatedCarrier()
