"""A circuit breaker: after a few consecutive failures a provider is not called for a while.

Each Lambda environment has its own, in memory, so while the provider answers it costs no read, no write and no call.
docs/decisions/circuit-breaker-in-the-environment.md compares it with a shared one.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from random import uniform
from typing import Any, TypeVar, cast

from saga import clock
from saga.deferral import Deferral, KeyRefusedError, UnreachableError

Port = TypeVar("Port")

FAILURES = 5
"""Consecutive failures that open the circuit; one is enough before the first answer in this environment."""
OPEN_AT_FIRST, OPEN_AT_MOST = timedelta(seconds=10), timedelta(seconds=80)
"""How long it stays open until one call probes the provider; each failed probe doubles it."""
SHORTEST = 1 / 2
"""The smallest fraction of that time: jitter, so that environments do not probe together."""
UNREACHABLE = (ConnectionError, TimeoutError)
"""What Python's own libraries raise if a provider is unreachable."""


def with_circuit_breaker(adapter: Port) -> Port:
    """Return the adapter behind a circuit breaker of its own, which all of its operations share.

    While the circuit is open, an operation raises at once what the last call raised: `UnreachableError`, or
    `KeyRefusedError`. After a while the next operation is let through: if it fails, the circuit is open for twice as
    long, up to `OPEN_AT_MOST`, otherwise it is closed. Python's own connection errors and timeouts count,
    and are raised as `UnreachableError`; any other exception neither opens nor closes the circuit.
    """
    return cast("Port", _Guarded(adapter))


class _Guarded:
    def __init__(self, adapter: Any) -> None:
        self._adapter = adapter
        self._failures, self._answered = 0, False
        self._open_for = OPEN_AT_FIRST
        self._open_until: datetime | None = None
        self._kind: type[Deferral] = UnreachableError

    def __getattr__(self, name: str) -> Any:
        operation = getattr(self._adapter, name)

        @wraps(operation)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            if self._open_until and clock.now() < self._open_until:
                raise self._kind(f"{name}: not tried, the circuit is open after {self._said}")
            return self._call(operation, name, args, kwargs)

        return guarded

    @property
    def _said(self) -> str:
        return "1 failure" if self._failures == 1 else f"{self._failures} failures in a row"

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
        self._failures, self._answered = 0, True
        self._open_for, self._open_until = OPEN_AT_FIRST, None
        return answer

    def _fail(self, kind: type[Deferral]) -> None:
        self._failures += 1
        self._kind = kind
        # Recovery brings many events at once, and for them many new environments: each would call a few times more.
        if self._failures >= FAILURES or not self._answered:
            self._open_until = clock.now() + self._open_for * uniform(SHORTEST, 1)  # noqa: S311  no secret
            self._open_for = min(2 * self._open_for, OPEN_AT_MOST)
