"""How long each function takes to start cold, beside the floor: a function that makes its AWS clients and no more."""

import platform
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

from bench.ground import Grounds
from bench.places import ORDER_SAGA, REGION
from bench.runtime.artifact import KINDS, REST, Weights, weigh
from bench.runtime.environment import lambda_python, versions
from bench.runtime.functions import Function, functions
from bench.runtime.imports import by_package, without
from bench.runtime.pairs import Imports, Starts, pairs
from bench.section import Goal, Scale, Section, Table
from orders.cancel_order import CANCELLATION
from saga.clock import now
from tools.base.cloudformation import parse_template
from tools.base.console import doing
from tools.base.problem import ProblemError
from tools.base.target import Target
from tools.deploying.build import BUILD, build
from tools.invoking.prior_record import record_after

MOST = 1.15
"""How much of the floor's time a function may take until it is ready, if events start it."""
MOST_OF_HTTP = 1.25
"""The same if HTTP requests start it. GetOrder's floor makes one client only: the libraries weigh more beside it."""
LARGEST = 11
"""Megabytes that the artifact may have, unzipped."""
TAKEN_APART = "ReserveInventory"
"""The step whose imports are shown."""
WITH_EITHER_PROVIDER = "ChargePayment"
"""The function that is started with Stripe as its payment provider as well."""
LAYER = "StripeSdk"
SHOWN = 0.5
"""Milliseconds: packages that take less are shown together."""

Figures = dict[str, float]


def measure(scale: Scale, _grounds: Grounds) -> Section:
    """Start the functions cold, weigh what is shipped, and take one function's imports apart.

    Raises `ProblemError` on anything but Linux: the runtime interface emulator is a program for Linux.
    """
    if platform.system() != "Linux":
        raise ProblemError("cold starts can be measured on Linux alone")
    rounds = scale.choose(40, 2)
    every = functions()
    artifact, layer = _prepared(every)
    all_of_them = [*every, _with_stripe(every, layer)]
    chosen = all_of_them[: scale.choose(len(all_of_them), 1)]
    with pairs(artifact, record_of(every)) as bench:
        starts = dict[str, Starts]()
        for function in chosen:
            with doing(f"starting {function.name} and its floor cold, {rounds} times each"):
                starts[function.name] = bench.start(function, rounds)
        with doing(f"taking the imports of {TAKEN_APART} apart"):
            (step,) = (function for function in every if function.name == TAKEN_APART)
            imports = bench.imports(step, scale.choose(5, 2))
        return section(chosen, starts, weigh(bench.artifact), imports)


def section(chosen: Sequence[Function], starts: Mapping[str, Starts], weights: Weights, imports: Imports) -> Section:
    """Describe what was found."""
    clients = {function.name: ", ".join(function.clients) for function in chosen}
    ready = {
        name: compared([start.ready for start in found.function], [start.ready for start in found.floor])
        for name, found in starts.items()
    }
    answered = {
        name: compared([start.answered for start in found.function], [start.answered for start in found.floor])
        for name, found in starts.items()
    }
    megabytes = sum(sum(kinds.values()) for kinds in weights.values())
    rounds = len(next(iter(starts.values())).function)
    return Section(
        title="Cold start",
        about=(
            f"Each function was started {rounds} times in a new process by AWS's runtime interface emulator (of "
            f"aws-sam-cli, without a container) with Lambda's runtime client: {versions()}, in an environment that has "
            "nothing else and is byte-compiled. The code is the artifact of `sam build`. The **baseline** is the "
            "floor, started in turns with it: a function that imports boto3, makes the clients for the services that "
            "this function calls, and makes the same calls with the same arguments. *Ready* is when the runtime client "
            "asks for its first event, which is what Lambda reports as Init Duration. *First answer* is "
            "when that event is answered; both are counted from the start of the process, by the emulator's log. AWS "
            "is a stub on this machine without TLS. The events are those of `events/`, of an order placed just now. "
            "Files were in the page cache. Median and least of all starts (Python's `statistics`), and the median of "
            "the ratios of pairs: a start of the function and one of its floor, right after each other."
        ),
        tables={
            "From the start of the process until the function is ready, in milliseconds": Table(
                ("function and its clients", *COMPARED),
                [(f"{name}: {clients[name]}", *row(figures)) for name, figures in ready.items()],
            ),
            "From the start of the process until the first event is answered, in milliseconds": Table(
                ("function and its calls", *COMPARED),
                [(f"{name}: {in_words(starts[name].calls)}", *row(figures)) for name, figures in answered.items()],
            ),
            "What is shipped, unzipped, in megabytes (1,000,000 bytes)": _weights(weights),
            f"What {TAKEN_APART} takes more than its floor to import, in milliseconds": _imports(imports),
        },
        goals=[
            *_quick_to_start(chosen, ready),
            Goal(
                "the artifact is small",
                f"under {LARGEST} MB unzipped",
                f"{megabytes:.1f} MB",
                megabytes < LARGEST,
            ),
        ],
        notes=list(_notes(clients, ready, imports)),
        figures={
            "rounds": rounds,
            "ready_ms": ready,
            "first_answer_ms": answered,
            "artifact_mb": {package: dict(kinds) for package, kinds in weights.items()},
            "imports_ms": {
                "floor": sum(imports.floor.values()),
                "beside_the_floor": {package: took for package, (_, took) in account(imports).items()},
            },
        },
    )


COMPARED = ("median", "least", "floor, median", "floor, least", "ratio of pairs, median", "ratio of the least")


def compared(function: Sequence[float], floor: Sequence[float]) -> Figures:
    """Return the medians and the least of both, the ratio of the least, and the median of the ratios of pairs.

    A pair is a start of the function and the start of its floor in the same round. A machine that others use as well
    changes its speed from minute to minute, and more than what is to be found: both of a pair meet the same speed.
    """
    return {
        "median": median(function),
        "least": min(function),
        "floor_median": median(floor),
        "floor_least": min(floor),
        "ratio": median(one / other for one, other in zip(function, floor, strict=True)),
        "ratio_of_the_least": min(function) / min(floor),
    }


def row(figures: Figures) -> list[str]:
    """Write such figures for the columns of `COMPARED`."""
    *times, ratio, of_the_least = figures.values()
    return [*(f"{time:.0f}" for time in times), f"{ratio:.2f}", f"{of_the_least:.2f}"]


def in_words(calls: Sequence[str]) -> str:
    """Name calls, in their order: `UpdateItem, PutEvents`, or `Query (10 times)`."""
    return ", ".join(
        f"{call} ({calls.count(call)} times)" if calls.count(call) > 1 else call for call in dict.fromkeys(calls)
    )


def _quick_to_start(chosen: Sequence[Function], ready: Mapping[str, Figures]) -> Iterator[Goal]:
    always = [function for function in chosen if not function.is_optional]
    for started_by, most, names in (
        ("an event", MOST, [function.name for function in always if not function.is_http]),
        ("a request", MOST_OF_HTTP, [function.name for function in always if function.is_http]),
    ):
        if not names:
            continue
        slowest = max(names, key=lambda name: ready[name]["ratio"])
        ratio = ready[slowest]["ratio"]
        of_the_least = max(ready[name]["ratio_of_the_least"] for name in names)
        yield Goal(
            f"a function that {started_by} starts is ready hardly later than the floor",
            f"every one within {most} times the floor, at the median of pairs",
            f"{ratio:.2f} times at the most, in {slowest} ({of_the_least:.2f} by the least of all starts)",
            ratio <= most,
        )


def _weights(weights: Weights) -> Table:
    kinds = [*KINDS.values(), REST]
    total = {kind: sum(of.get(kind, 0) for of in weights.values()) for kind in kinds}
    return Table(
        ("package", *kinds, "all"),
        [
            (package, *(f"{of.get(kind, 0):.2f}" for kind in kinds), f"{sum(of.values()):.2f}")
            for package, of in {**weights, "all": total}.items()
        ],
    )


def account(imports: Imports) -> dict[str, tuple[int, float]]:
    """Account for what a function's imports take more than its floor's: modules and milliseconds, by package.

    What only the floor imports is to the function's credit; so is, either way, what took another time in both.
    """
    both = imports.function.keys() & imports.floor.keys()
    credit = {
        f"{package}, in the floor alone": (-count, -took)
        for package, (count, took) in by_package(without(imports.floor, both)).items()
    }
    unlike = sum(imports.function[module] - imports.floor[module] for module in both)
    return by_package(without(imports.function, both)) | credit | {"modules in both, the difference": (0, unlike)}


def _imports(imports: Imports) -> Table:
    accounts = account(imports)
    shown = {package: found for package, found in accounts.items() if abs(found[1]) >= SHOWN}
    rest = [found for package, found in accounts.items() if package not in shown]
    rows = shown | {"others": _sum(rest), "all, beside the floor": _sum(accounts.values())}
    return Table(
        ("package", "modules", "ms"),
        [(package, f"{count:+d}", f"{took:+.1f}") for package, (count, took) in rows.items()],
    )


def _sum(found: Iterable[tuple[int, float]]) -> tuple[int, float]:
    summed = list(found)
    return sum(count for count, _ in summed), sum(took for _, took in summed)


def _notes(clients: Mapping[str, str], ready: Mapping[str, Figures], imports: Imports) -> Iterator[str]:
    same = [figures["floor_median"] for name, figures in ready.items() if clients[name] == "dynamodb, events"]
    if len(same) > 1:
        yield (
            f"How exact it is: the floor of {len(same)} functions is the same program, and its medians lay between "
            f"{min(same):.0f} and {max(same):.0f} ms."
        )
    yield (
        "The milliseconds are this machine's. What carries over to Lambda, whose processors are others and are dealt "
        "out by memory size, is the ratio. What comes before, fetching the code and making the environment, is AWS's."
    )
    yield (
        "Imports were timed by Python's `-X importtime`, which itself makes them slower: the quickest run of a few, "
        "each module without what it imports in turn, the runtime client imported before. `saga` makes the AWS clients "
        f"as it is imported; the floor's own module does nothing else, in {imports.floor['floor']:.0f} of the floor's "
        f"{sum(imports.floor.values()):.0f} ms."
    )


def _prepared(every: Sequence[Function]) -> tuple[Path, Path]:
    """Build what is shipped, and return its folder and that of the layer with Stripe's SDK."""
    here = Target(stage="local", endpoint="http://127.0.0.1", region=REGION, stack_name=ORDER_SAGA)
    with doing("building the functions with sam build"):
        build(here, PaymentProvider="stripe")
    with doing("installing what Lambda's runtime brings"):
        lambda_python()
    resources = parse_template((BUILD / "template.yaml").read_text())["Resources"]
    # All functions are one artifact.
    (folder,) = {resources[function.name]["Properties"]["CodeUri"] for function in every}
    layer = resources[LAYER]["Properties"]["ContentUri"]
    return (BUILD / str(folder)).resolve(), (BUILD / str(layer)).resolve()


def _with_stripe(every: Sequence[Function], layer: Path) -> Function:
    """Return the function as it is with Stripe; its event brings no payment method, so that Stripe is not called."""
    (simulated,) = (function for function in every if function.name == WITH_EITHER_PROVIDER)
    variables = {
        "PAYMENT_PROVIDER": "stripe",
        "STRIPE_API_KEY_SECRET": "stripe/api-key",
        "PAYMENT_RETURN_URL": "https://shop.example/orders",
        # Where Lambda puts layers is on its path.
        "PYTHONPATH": str(layer / "python"),
    }
    event = simulated.call.event
    unpaid = {name: value for name, value in event["detail"].items() if name != "paymentMethod"}
    return replace(
        simulated,
        name=f"{simulated.name} with Stripe",
        variables={**simulated.variables, **variables},
        call=replace(simulated.call, event={**event, "detail": unpaid}),
        is_optional=True,
    )


def record_of(every: Sequence[Function]) -> dict[str, Any]:
    """Return an order's record, for GetOrder to find; it is stopped, since CancelOrder reads what it wrote."""
    consumed = next(filter(None, (function.call.consumed for function in every)))
    return {**record_after(consumed, now()), "stopped": CANCELLATION.reason}
