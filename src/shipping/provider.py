"""Which carrier this stack uses."""

import os
from datetime import timedelta

from saga.time_limit import within
from shipping.carrier import Carrier
from shipping.simulated_carrier import SimulatedCarrier

adapter: Carrier = SimulatedCarrier()
carrier = within(timedelta(seconds=float(os.environ.get("PROVIDER_TIMEOUT_SECONDS", "2"))), adapter)
"""The carrier, held to the time that the parameter `ProviderTimeoutSeconds` gives it."""
