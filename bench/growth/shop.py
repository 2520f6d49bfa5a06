"""What growth is measured on: order-saga on an emulator, and a proxy that counts what its functions call."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING

import httpx

from bench.calls import stop_recovery
from bench.load import Client
from bench.places import emulator, free_port, order_saga_on
from bench.proxy import Proxy, proxy_before
from local.console import doing
from local.stack import Stack

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

SKU = "PLENTY"
"""What there is always enough of."""
TIMES = 20
"""How often a call of the emulator is timed by itself."""


@dataclass(frozen=True)
class Shop:
    """A client that orders from the deployed stack, the proxy before its functions, and its table past the proxy."""

    client: Client
    proxy: Proxy
    orders: "Table"

    @property
    def stack(self) -> Stack:
        """The deployed stack."""
        return self.client.stack


@contextmanager
def open_shop() -> Iterator[Shop]:
    """Deploy order-saga, and start its functions with one order; recovery runs when it is called, and not before."""
    port = free_port()
    with (
        proxy_before(port) as proxy,
        # Without IAM: the proxy's address is not the one that was signed.
        emulator(port, AWS_ENDPOINT_URL=proxy.url, AUTH="false") as running,
        httpx.Client(timeout=60) as connections,
    ):
        with doing("deploying order-saga behind a proxy that counts"):
            stack = order_saga_on(running)
            stop_recovery(stack)
            client = Client(stack, connections)
            client.fill(SKU)
            client.wait_until_final([client.place(SKU).order_id])
        yield Shop(client, proxy, stack.orders)


def alone(call: Callable[[], object]) -> float:
    """Give the median of the milliseconds that a call of the emulator takes while it has nothing else to do."""
    took = []
    for _ in range(TIMES):
        began = perf_counter()
        call()
        took.append((perf_counter() - began) * 1_000)
    return median(took)
