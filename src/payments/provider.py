"""Which payment provider this stack uses: the parameter `PaymentProvider` names it."""

import os
from importlib import import_module

from payments.gateway import PaymentGateway
from saga.provider import guarded

PROVIDER = "PAYMENT_PROVIDER"
"""The variable that names the provider."""
ADAPTERS = {
    "simulated": "payments.simulated_gateway.SimulatedGateway",
    "stripe": "payments.stripe_gateway.StripeGateway",
}
"""The adapters by the values of `PaymentProvider`; only the chosen one is imported."""


def adapter_named(name: str) -> PaymentGateway:
    """Return a new adapter. Raises `KeyError` if there is none of this name."""
    module, _, made = ADAPTERS[name].rpartition(".")
    adapter: PaymentGateway = getattr(import_module(module), made)()
    return adapter


adapter = adapter_named(os.environ.get(PROVIDER, "simulated"))
gateway = guarded(adapter)
