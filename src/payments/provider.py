"""Which payment provider this stack uses: the parameter `PaymentProvider` names it."""

import os
from datetime import timedelta
from importlib import import_module

from payments.gateway import PaymentGateway
from saga.time_limit import within

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


adapter = adapter_named(os.environ.get("PAYMENT_PROVIDER", "simulated"))
gateway = within(timedelta(seconds=float(os.environ.get("PROVIDER_TIMEOUT_SECONDS", "2"))), adapter)
"""The provider, held to the time that the parameter `ProviderTimeoutSeconds` gives it."""
