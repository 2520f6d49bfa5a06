"""How long an order takes from its POST until its record is final, beside the naive chain."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import httpx

from bench.baseline.deployment import ORDER_SAGA, Baseline, beside_order_saga
from bench.load import Burst, Client, percentiles, wake, warm_up
from bench.places import emulator, free_port
from bench.proxy import Proxy, proxy_before
from bench.section import Goal, Scale, Section, Table
from local.console import doing
from local.emulator import Emulator
from payments.simulated_gateway import SimulatedGateway

LATENCIES = [{"service": service, "latency": {"preset": service}} for service in ("dynamodb", "events")]
"""What microburst observed on AWS: about 8 ms for a call of DynamoDB, 14 ms for one of EventBridge."""
NO_SLOWER = 1.0
"""The goal at the median, as a ratio to the naive chain."""
PLAIN, SLOWED = "on the emulator as it is", "with the latencies of AWS"
"""The two places where it is measured."""
ABOUT = """\
A happy order, from the moment at which the client sends its POST to the `updatedAt` of the write that gave it its final
status: one machine's clock, to the millisecond; the last write's own duration is in neither. Orders are placed at once,
each from a shelf of its own, and the next ones come when all are final. Those of order-saga and of the **naive** chain
take turns on one emulator, after a warm-up; it runs as many environments of a function as the machine has processors,
two at least. p50, p95 and p99 are interpolated between what was measured (`statistics.quantiles`, inclusive). Orders a
second are all orders over the sum of their spans, from the first POST to the last end. With many orders at once the
machine is the limit, and what is compared is the work that an order makes, in functions and emulator together. Then the
same with each call of DynamoDB and EventBridge slowed down as microburst observed it on AWS, by 8.4 and 13.5 ms in the
mean. Nothing here is Lambda's own time."""

WORK = (
    "What order-saga does beside the naive chain's work: its steps read events into types, log and count, and write "
    "under a condition with the history; the emulator works more for the transaction and for the log lines. On the "
    "emulator alone all of that is this machine's work, and counts in full; with AWS's latencies most of an order's "
    "time is waiting, which both do alike."
)


@dataclass
class Measured:
    """What was measured of one choreography at one number of orders at once."""

    bursts: list[Burst] = field(default_factory=list)

    @property
    def times(self) -> dict[str, float]:
        """The percentiles, in milliseconds."""
        return percentiles([time for burst in self.bursts for time in burst.each])

    @property
    def orders(self) -> int:
        """How many orders were measured."""
        return sum(len(burst.each) for burst in self.bursts)

    @property
    def a_second(self) -> float:
        """Orders a second."""
        return self.orders / sum(burst.whole for burst in self.bursts) * 1000


Level = Mapping[str, Measured]
"""Both choreographies at one number of orders at once."""
Place = Mapping[int, Level]
"""All numbers of orders at once that were measured at one place."""


def measure(scale: Scale) -> Section:
    """Measure whole orders of order-saga and of the naive chain in turns, without and with the latencies of AWS."""
    orders = scale.choose(200, 10)
    few, many = [1, 8], [1, 8] if scale.quick else [1, 8, 32]
    with emulator() as running, shops_on(running, max(many), PLAIN) as clients:
        plain = measure_on(clients, many, orders, PLAIN)
    port = free_port()
    with (
        proxy_before(port) as proxy,
        # Without IAM: the proxy's address is not the one that was signed.
        emulator(port, AWS_ENDPOINT_URL=proxy.url, AUTH="false") as running,
        shops_on(running, max(few), SLOWED, proxy) as clients,
    ):
        proxy.set_rules(LATENCIES)
        slowed = measure_on(clients, few, orders, SLOWED)
    return section({PLAIN: plain, SLOWED: slowed}, provider_milliseconds(scale.choose(200, 20)))


@contextmanager
def shops_on(running: Emulator, most: int, place: str, proxy: Proxy | None = None) -> Iterator[Mapping[str, Client]]:
    """Deploy both choreographies on an emulator, warmed up for that many orders at once, and give their clients."""
    with httpx.Client(timeout=60) as connections:
        with doing(f"deploying order-saga and the naive chain, {place}"):
            stacks = beside_order_saga(running, Baseline.NAIVE)
            if proxy:
                wake(proxy, stacks[ORDER_SAGA])
            clients = {choreography: Client(stack, connections) for choreography, stack in stacks.items()}
            warm_up(list(clients.values()), most)
        yield clients


def measure_on(
    clients: Mapping[str, Client], at_once: Sequence[int], orders: int, place: str
) -> dict[int, dict[str, Measured]]:
    """Run bursts of each size in turns until there were that many orders of each choreography, or a few more."""
    measured: dict[int, dict[str, Measured]] = {}
    for size in at_once:
        with doing(f"running orders, {size} at once, {place}"):
            level = measured[size] = {choreography: Measured() for choreography in clients}
            while any(seen.orders < orders for seen in level.values()):
                for choreography, client in clients.items():
                    level[choreography].bursts.append(client.burst(size))
    return measured


def provider_milliseconds(charges: int) -> float:
    """Give the median of what a charge takes with the simulated payment provider, in milliseconds."""
    times = []
    with TemporaryDirectory(prefix="bench-") as folder:
        gateway = SimulatedGateway(Path(folder) / "books.sqlite")
        for number in range(charges):
            began = perf_counter()
            gateway.charge(f"order-{number}", "CUST-1", 4200, "USD")
            times.append((perf_counter() - began) * 1000)
    return percentiles(times)["p50"]


def ratio(level: Level) -> float:
    """Give order-saga's median as a part of the naive chain's."""
    return level[ORDER_SAGA].times["p50"] / level[Baseline.NAIVE].times["p50"]


def section(places: Mapping[str, Place], provider: float) -> Section:
    """Tell what was measured; `provider` is what a charge of the simulated provider takes, in milliseconds."""
    return Section(
        title="How long an order takes",
        about=ABOUT,
        tables={f"Whole orders, {name}": table(place) for name, place in places.items()},
        goals=[goal(name, place[1]) for name, place in places.items()],
        notes=[*(beyond_one(name, place) for name, place in places.items()), WORK, about_provider(provider)],
        figures={
            "wholeOrder": {
                "onTheEmulator": figures(places[PLAIN]),
                "withLatencies": figures(places[SLOWED]),
                "providerMilliseconds": round(provider, 1),
            }
        },
    )


def table(place: Place) -> Table:
    """Draw a row for each choreography at each number of orders at once."""
    return Table(
        ["orders at once", "p50 (ms)", "p95 (ms)", "p99 (ms)", "orders a second", "p50 / naive p50", "measured"],
        [
            [f"{size}, {choreography}", *cells(seen), f"{portion(choreography, level):.2f}", str(seen.orders)]
            for size, level in place.items()
            for choreography, seen in level.items()
        ],
    )


def cells(seen: Measured) -> list[str]:
    """Give the percentiles and the orders a second as they are shown."""
    return [*(f"{time:.0f}" for time in seen.times.values()), f"{seen.a_second:.1f}"]


def portion(choreography: str, level: Level) -> float:
    """Give a choreography's median as a part of the naive chain's."""
    return ratio(level) if choreography == ORDER_SAGA else 1.0


def goal(name: str, level: Level) -> Goal:
    """Compare the medians of orders that come one at a time."""
    ours, theirs = (level[choreography].times["p50"] for choreography in (ORDER_SAGA, Baseline.NAIVE))
    return Goal(
        f"an order takes no longer than in the naive chain, one at a time, at the median, {name}",
        f"ratio of at most {NO_SLOWER:.2f}",
        f"ratio of {ratio(level):.2f}: {ours:.0f} ms beside {theirs:.0f} ms",
        ratio(level) <= NO_SLOWER,
    )


def about_provider(milliseconds: float) -> str:
    """Say what the simulated provider takes."""
    return (
        f"A charge of order-saga's simulated provider takes {milliseconds:.1f} ms of it at the median, for it keeps "
        "books on disk that all functions share; the naive chain's keeps none. A real provider would make both wait."
    )


def beyond_one(name: str, place: Place) -> str:
    """Say how it is with more orders at once, which no goal asks for."""
    found = ", ".join(f"{ratio(level):.2f} at {size} at once" for size, level in place.items() if size > 1)
    return f"With more orders at once, {name}, the ratio is {found}."


def figures(place: Place) -> dict[str, Any]:
    """Give it all as plain numbers."""
    return {
        str(size): {
            choreography: {
                **{percentile: round(time, 1) for percentile, time in seen.times.items()},
                "ordersASecond": round(seen.a_second, 1),
                "orders": seen.orders,
            }
            for choreography, seen in level.items()
        }
        | {"ratio": round(ratio(level), 3)}
        for size, level in place.items()
    }
