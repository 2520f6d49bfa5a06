"""Which carrier this stack uses."""

from saga.provider import guarded
from shipping.carrier import Carrier
from shipping.simulated_carrier import SimulatedCarrier

adapter: Carrier = SimulatedCarrier()
carrier = guarded(adapter)
