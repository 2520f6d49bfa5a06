"""Which payment provider this stack uses."""

from payments.gateway import PaymentGateway
from payments.simulated_gateway import SimulatedGateway

gateway: PaymentGateway = SimulatedGateway()
