"""How long an order takes from its POST until its record is final, beside the naive chain."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from bench.baseline.deployment import Baseline
from bench.ground import Ground, Grounds, plain_ground
from bench.load import Burst, Client, percentiles, warm_up
from bench.places import ORDER_SAGA
from bench.section import Goal, Scale, Section, Table
from bench.writes import GUARDED, NAIVE, TOGETHER, milliseconds_by_kind
from payments.gateway import Payment
from payments.simulated_gateway import SimulatedGateway
from tools.base.console import doing

LATENCIES = [{"service": service, "latency": {"preset": service}} for service in ("dynamodb", "events")]
"""What microburst observed on AWS: about 8 ms for a call of DynamoDB, 14 ms for one of EventBridge."""
PLAIN, SLOWED = "on the emulator as it is", "with the latencies of AWS"
"""The two places where it is measured."""
AT_MOST = {PLAIN: 1.15, SLOWED: 1.05}
"""The goals at the median, as ratios to the naive chain: the first is about the work, the second about the whole."""
ABOUT = """\
A happy order, from the client's POST to the `updatedAt` of the write that made it final: one machine's clock, to the
millisecond; the duration of the last write is not included. Orders are placed concurrently, each from its own shelf,
and the next ones follow when all are final. Three choreographies take turns on one emulator, after a warm-up:
order-saga; the **naive** chain, whose functions print their event and log or count nothing else; and the naive chain
with Powertools' idempotency. The emulator runs as many environments of a function as the machine has processors, at
least two; the scheduled recovery is off. p50, p95 and p99 are interpolated (`statistics.quantiles`, inclusive). Orders
a second are all orders over the sum of their spans, from the first POST to the last end. With many orders at once the
machine is the limit, and the comparison is about the work of an order, in functions and emulator together. Then the
same with each call of DynamoDB and EventBridge slowed down as microburst observed it on AWS, by 8.4 and 13.5 ms on
average. Lambda's own time is not included."""

REST = """\
The rest is the functions' own work, which shares the processors with the emulator: parsing, deciding, and writing logs
and metrics, four times. The section on warm steps breaks it down. With AWS's latencies most of an order's time is
waiting, which is the same for all three."""


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
"""Each choreography at one number of orders at once."""
Place = Mapping[int, Level]
"""All numbers of orders at once that were measured at one place."""


def measure(scale: Scale, grounds: Grounds) -> Section:
    """Measure whole orders of the choreographies in turns, without and with the latencies of AWS."""
    orders = scale.choose(200, 4)
    few, many = ([1], [1]) if scale.quick else ([1, 8], [1, 8, 32])
    choreographies = [ORDER_SAGA, Baseline.NAIVE] if scale.quick else [ORDER_SAGA, *Baseline]
    with plain_ground() as ground:
        shops = shops_on(ground, choreographies, max(many), PLAIN)
        plain = measure_on(shops, many, orders, PLAIN)
        writes = milliseconds_by_kind(shops[ORDER_SAGA].stack)
    shops = shops_on(grounds.proxied, choreographies, max(few), SLOWED)
    grounds.proxied.proxy.set_rules(LATENCIES)
    slowed = measure_on(shops, few, orders, SLOWED)
    return section({PLAIN: plain, SLOWED: slowed}, writes, provider_milliseconds(scale.choose(200, 20)))


def shops_on(ground: Ground, choreographies: Sequence[str], most: int, place: str) -> Mapping[str, Client]:
    """Return the clients of these choreographies, warmed up for that many orders at once."""
    clients = ground.clients(*choreographies)
    with doing(f"starting the functions, {place}"):
        warm_up(list(clients.values()), most)
    return clients


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
    """Return the median of what a charge takes with the simulated payment provider, in milliseconds."""
    times = []
    with TemporaryDirectory(prefix="bench-") as folder:
        gateway = SimulatedGateway(Path(folder) / "books.sqlite")
        for number in range(charges):
            began = perf_counter()
            gateway.charge(Payment(f"order-{number}", "CUST-1", 4200, "USD"))
            times.append((perf_counter() - began) * 1000)
    return percentiles(times)["p50"]


def ratio(level: Level, choreography: str = ORDER_SAGA) -> float:
    """Return a choreography's median as a part of the naive chain's."""
    return level[choreography].times["p50"] / level[Baseline.NAIVE].times["p50"]


def section(places: Mapping[str, Place], writes: Mapping[str, float], provider: float) -> Section:
    """Describe what was measured.

    `writes` and `provider` are what the emulator takes for each kind of write, and the simulated provider for a charge,
    in milliseconds.
    """
    return Section(
        title="How long an order takes",
        about=ABOUT,
        tables={f"Whole orders, {name}": table(place) for name, place in places.items()},
        goals=[goal(name, place[1]) for name, place in places.items()],
        notes=[
            *(beyond_one(name, place) for name, place in places.items() if len(place) > 1),
            in_the_way(places[PLAIN][1], writes),
            about_provider(provider),
            REST,
        ],
        figures={
            "wholeOrder": {
                "onTheEmulator": figures(places[PLAIN]),
                "withLatencies": figures(places[SLOWED]),
                "writeMilliseconds": {kind: round(time, 2) for kind, time in writes.items()},
                "providerMilliseconds": round(provider, 2),
            }
        },
    )


def table(place: Place) -> Table:
    """Draw a row for each choreography at each number of orders at once."""
    return Table(
        ["orders at once", "p50 (ms)", "p95 (ms)", "p99 (ms)", "orders a second", "p50 / naive p50", "measured"],
        [
            [f"{size}, {choreography}", *cells(seen), f"{ratio(level, choreography):.2f}", str(seen.orders)]
            for size, level in place.items()
            for choreography, seen in level.items()
        ],
    )


def cells(seen: Measured) -> list[str]:
    """Return the percentiles and the orders a second as they are shown."""
    return [*(f"{time:.0f}" for time in seen.times.values()), f"{seen.a_second:.1f}"]


def goal(name: str, level: Level) -> Goal:
    """Compare the medians of orders that come one at a time."""
    ours, theirs = (level[choreography].times["p50"] for choreography in (ORDER_SAGA, Baseline.NAIVE))
    return Goal(
        f"an order takes about as long as in the naive chain, one at a time, at the median, {name}",
        f"ratio of at most {AT_MOST[name]:.2f}",
        f"ratio of {ratio(level):.2f}: {ours:.0f} ms beside {theirs:.0f} ms",
        ratio(level) <= AT_MOST[name],
    )


def in_the_way(level: Level, writes: Mapping[str, float]) -> str:
    """Explain which part of the difference to the naive chain is the emulator's, by the kinds of writes."""
    ours, theirs = (level[choreography].times["p50"] for choreography in (ORDER_SAGA, Baseline.NAIVE))
    more = writes[TOGETHER] + 2 * writes[GUARDED] - 3 * writes[NAIVE]
    kinds = ", ".join(f"{time:.1f} ms {kind}" for kind, time in writes.items())
    return (
        "What is in the way, one order at a time on the emulator as it is: between the medians of order-saga and the "
        f"naive chain lie {ours - theirs:.1f} ms. A step's write takes, measured by itself, {kinds}: {more:.1f} ms "
        "more for a happy order's one transaction and two updates. On AWS a transaction is slower than an update, too."
    )


def about_provider(milliseconds: float) -> str:
    """Explain what the simulated provider takes."""
    return (
        f"A charge of order-saga's simulated provider takes {milliseconds:.1f} ms at the median, in a process that has "
        "nothing else to do: it keeps books on disk for all functions, the naive chain's keeps none. A real provider "
        "would make all of them wait."
    )


def beyond_one(name: str, place: Place) -> str:
    """Describe more orders at once, which no goal asks for."""
    found = ", ".join(f"{ratio(level):.2f} at {size} at once" for size, level in place.items() if size > 1)
    return f"With more orders at once, {name}, the ratio is {found}."


def figures(place: Place) -> dict[str, Any]:
    """Return it all as plain numbers."""
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
