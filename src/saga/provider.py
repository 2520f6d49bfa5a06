"""What stands between a step and a provider, whatever its adapter does."""

from typing import TypeVar

from saga.circuit_breaker import with_circuit_breaker
from saga.time_limit import within_time

Port = TypeVar("Port")


def guarded(adapter: Port) -> Port:
    """Return the adapter with a time limit on each operation, behind a circuit breaker.

    An operation raises `UnreachableError` or `KeyRefusedError` if the step has to wait for the provider.
    """
    return with_circuit_breaker(within_time(adapter))
