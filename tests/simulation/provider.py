"""What all simulated providers share: the wire to them, and that they may be down."""

from collections.abc import Callable
from typing import Any

from tests.simulation.faulty_wire import Call, FaultyWire
from tests.virtual_clock import VirtualClock


class KeyReusedError(AssertionError):
    """One idempotency key was used for two different things."""


class Provider:
    """What gateway and carrier share: the wire to them, and that they may be down."""

    def __init__(self, wire: FaultyWire, clock: VirtualClock) -> None:
        self._wire, self._clock, self.down = wire, clock, False

    def _carry(self, name: str, effect: Callable[[], Any]) -> Any:
        return self._wire.carry(
            Call(
                name, lambda: self._unless_down(name, effect), lambda: ConnectionError(name), lambda: TimeoutError(name)
            )
        )

    def _unless_down(self, name: str, effect: Callable[[], Any]) -> Any:
        if self.down:
            if self._wire.current:
                self._wire.current.fired.append(f"finds the provider down at {name}")
            raise ConnectionError(f"{name}: the provider is down")
        return effect()
