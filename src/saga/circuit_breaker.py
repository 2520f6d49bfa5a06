"""A circuit breaker: after a few failures in a row a provider is left alone for a while.

It lives in one Lambda environment, as an attribute of what calls the provider, and a provider that answers costs it no
read, no write and no call. docs/decisions/circuit-breaker-in-the-environment.md compares it with a shared one.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, TypeVar, cast

from saga import clock
from saga.deferral import Deferral, KeyRefusedError, UnreachableError

Port = TypeVar("Port")

FAILURES = 3
"""Failures in a row that open the circuit."""
OPEN_FOR = timedelta(seconds=30)
"""How long it stays open before one call probes the provider."""
UNREACHABLE = (ConnectionError, TimeoutError)
"""What Python's own libraries raise if a provider cannot be reached."""


def with_circuit_breaker(adapter: Port) -> Port:
    """Return the adapter behind a circuit breaker of its own, which all of its operations share.

    While the circuit is open, an operation raises at once what the last call raised: `UnreachableError`, or
    `KeyRefusedError`. After `OPEN_FOR` the next operation is let through: if it fails, the circuit stays open for as
    long again, otherwise it is closed. Python's own connection errors and timeouts count, and are raised as
    `UnreachableError`; any other exception neither opens nor closes the circuit.
    """
    return cast("Port", _Guarded(adapter))


class _Guarded:
    def __init__(self, adapter: Any) -> None:
        self._adapter = adapter
        self._failures = 0
        self._open_until: datetime | None = None
        self._kind: type[Deferral] = UnreachableError

    def __getattr__(self, name: str) -> Any:
        operation = getattr(self._adapter, name)

        @wraps(operation)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            if self._open_until and clock.now() < self._open_until:
                raise self._kind(f"{name}: not tried, the circuit is open after {self._failures} failures in a row")
            return self._call(operation, name, args, kwargs)

        return guarded

    def _call(self, operation: Callable[..., Any], name: str, args: Any, kwargs: Any) -> Any:
        try:
            answer = operation(*args, **kwargs)
        except UNREACHABLE as fault:
            # Not its text: who knows what an adapter's library puts into it.
            self._fail(UnreachableError)
            raise UnreachableError(f"{name}: {type(fault).__name__}") from fault
        except (UnreachableError, KeyRefusedError) as fault:
            self._fail(type(fault))
            raise
        self._failures, self._open_until = 0, None
        return answer

    def _fail(self, kind: type[Deferral]) -> None:
        self._failures += 1
        self._kind = kind
        if self._failures >= FAILURES:
            self._open_until = clock.now() + OPEN_FOR
