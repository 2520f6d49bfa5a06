"""Which carrier this stack uses."""

from saga.time_limit import within_time
from shipping.carrier import Carrier
from shipping.simulated_carrier import SimulatedCarrier

adapter: Carrier = SimulatedCarrier()
carrier = within_time(adapter)
