"""What is measured on: an emulator, behind a proxy or not, and the choreographies that are deployed there."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import cached_property

import httpx

from bench.baseline.deployment import Baseline, baseline_on
from bench.load import Client
from bench.places import ORDER_SAGA, emulator, order_saga_on, target_on
from bench.proxy import Proxy, proxy_before
from tools.base.console import doing
from tools.base.ports import free_port
from tools.base.stack import Stack
from tools.emulator.embedded import Emulator


class Ground:
    """An emulator, and the choreographies that are deployed there so far."""

    def __init__(self, running: Emulator, connections: httpx.Client) -> None:
        self._running, self._connections = running, connections
        self._clients: dict[str, Client] = {}

    def clients(self, *choreographies: str) -> dict[str, Client]:
        """Return clients of choreographies, by their names; deploys those that are not there yet, all at once.

        Recovery runs when it is called, and not by the minute: those calls are no order's. Raises `ProblemError`.
        """
        missing = [name for name in choreographies if name not in self._clients]
        if missing:
            with doing(f"deploying {', '.join(missing)}"), ThreadPoolExecutor() as deploying:
                stacks = deploying.map(self._deployed, missing)
                self._clients |= {
                    name: Client(stack, self._connections) for name, stack in zip(missing, stacks, strict=True)
                }
        return {name: self._clients[name] for name in choreographies}

    def _deployed(self, choreography: str) -> Stack:
        if choreography in set(Baseline):
            return baseline_on(self._running, Baseline(choreography))
        stack = order_saga_on(self._running)
        events = stack.client("events")
        events.disable_rule(Name=stack.physical_id("RecoverOrdersEveryMinute"))
        return stack


class ProxiedGround(Ground):
    """The same, with a proxy between the functions and the emulator; the clients' own calls go past it."""

    def __init__(self, running: Emulator, connections: httpx.Client, proxy: Proxy) -> None:
        super().__init__(running, connections)
        self.proxy = proxy

    def clients(self, *choreographies: str) -> dict[str, Client]:
        """Return clients of choreographies; see `Ground.clients`."""
        with ThreadPoolExecutor(1) as meanwhile:
            awake = meanwhile.submit(self._wake)
            clients = super().clients(*choreographies)
            awake.result()
        return clients

    def _wake(self) -> None:
        """Make a call through the proxy: the first one takes seconds, in which the proxy reads AWS's models."""
        through_proxy = target_on(self._running, ORDER_SAGA).model_copy(update={"endpoint": self.proxy.url})
        through_proxy.client("dynamodb").list_tables()


class Grounds:
    """The grounds that measurements share, each made when it is first asked for."""

    def __init__(self, opened: ExitStack) -> None:
        self._opened = opened

    @cached_property
    def proxied(self) -> ProxiedGround:
        """An emulator behind a proxy."""
        return self._opened.enter_context(proxied_ground())

    def close(self) -> None:
        """Stop what runs: what is measured next wants the machine for itself. It is made again if it is asked for."""
        self._opened.close()
        self.__dict__.pop("proxied", None)


@contextmanager
def plain_ground() -> Iterator[Ground]:
    """Run an emulator."""
    with emulator() as running, httpx.Client(timeout=60) as connections:
        yield Ground(running, connections)


@contextmanager
def proxied_ground() -> Iterator[ProxiedGround]:
    """Run an emulator and the proxy before it."""
    port = free_port()
    with (
        proxy_before(port) as proxy,
        # Without IAM: the proxy's address is not the one that was signed.
        emulator(port, AWS_ENDPOINT_URL=proxy.url, AUTH="false") as running,
        httpx.Client(timeout=60) as connections,
    ):
        yield ProxiedGround(running, connections, proxy)
