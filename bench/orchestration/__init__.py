"""What a user would pick instead: the same orders orchestrated, by AWS's list prices. Calculated; nothing is run."""

from collections.abc import Callable, Mapping
from math import ceil

from bench.ground import Grounds
from bench.orchestration import workflow
from bench.places import ORDER_SAGA
from bench.section import Scale, Section, Table
from tools.shop import cost

STANDARD, EXPRESS, DURABLE = "Step Functions, standard", "Step Functions, express", "Lambda durable function"
EXPRESS_GB = 64 / 1024
"""What an express workflow's memory is billed in chunks of; this one's definition and data fit into one."""
EXPRESS_ROUNDED = 0.1
"""Seconds to which an express workflow's duration is rounded up."""
CHECKPOINT_GB, RETAINED_MONTHS = 1e-6, 14 / 30
"""What a durable operation stores, taken to be as much as an event has; and for how long, by default."""
RUNS = 2
"""CreateOrder, and the durable function itself."""
ABOUT = """\
The same orders, orchestrated, by AWS's list prices (`docs/prices.json`, us-east-1). Nothing here was run: it is
**calculated**. The tasks are the functions of order-saga with the same writes, so that the order can be read at any
time; the orchestrator replaces the bus, recovery and the index of orders in flight. Transitions are counted by walking
[a state machine](../bench/orchestration/workflow.asl.json) for the same orders: Step Functions charges for each step
that is executed ("AWS Step Functions pricing"). An express workflow is charged by the request and by its duration in
chunks of 64 MB and 100 ms. A durable function is one function for all steps; its operations are the start and each step
("AWS Lambda pricing"), a checkpoint is taken to be 1 KB, kept for 14 days. Retries, traces and alarms are in none."""
SHORT = """\
An express workflow runs at least once and for at most five minutes. It cannot wait for a pending payment or for a
provider that is down, for which the deadline here is 15 minutes, and its history is whatever it logs."""
LONG = """\
A standard workflow and a durable function wait for up to a year at no charge, retry with back-off, and show each
execution in AWS's console. Both know every step: adding a consumer changes the workflow."""

Costs = Mapping[str, float]


def measure(_scale: Scale, _grounds: Grounds) -> Section:
    """Calculate what a million orders of each kind cost, by choreography and by each kind of orchestration."""
    kinds = list(workflow.REFUSALS)
    sums = {name: [sum(of_a_million(name, kind).values()) for kind in kinds] for name in (ORDER_SAGA, *HOW)}
    happy = {name: of_a_million(name, "happy") for name in (ORDER_SAGA, *HOW)}
    services = list(dict.fromkeys(service for costs in happy.values() for service in costs))
    return Section(
        title="Choreography or orchestration",
        about=ABOUT,
        tables={
            "State transitions, or durable operations, of one order": Table(
                ("orchestration", *kinds),
                [
                    (STANDARD, *(str(len(workflow.entered(kind))) for kind in kinds)),
                    (DURABLE, *(str(operations(kind)) for kind in kinds)),
                ],
            ),
            "A million orders ($)": Table(
                ("how", *kinds), [(name, *(f"{dollars:.2f}" for dollars in costs)) for name, costs in sums.items()]
            ),
            "A million happy orders, by service ($)": Table(
                ("how", *services),
                [
                    (name, *(f"{costs[service]:.2f}" if service in costs else "-" for service in services))
                    for name, costs in happy.items()
                ],
            ),
        },
        notes=[SHORT, LONG],
        figures={"orchestration": {name: dict(zip(kinds, costs, strict=True)) for name, costs in sums.items()}},
    )


def of_a_million(how: str, kind: str) -> Costs:
    """Return what a million orders of a kind cost, in dollars, by service."""
    calls, price = cost.COUNTED[kind], cost.prices()
    if how == ORDER_SAGA:
        return cost.of_a_million(kind, calls, price)
    without_a_bus = dict(cost.of_a_million(kind, calls, price, index_units=0))
    del without_a_bus["EventBridge"]
    return {**without_a_bus, **HOW[how](kind, price)}


def standard(kind: str, price: Costs) -> Costs:
    """Return what Step Functions charges for a million standard workflows, by transitions."""
    return {"Orchestrator": len(workflow.entered(kind)) * price["million state transitions"]}


def express(kind: str, price: Costs) -> Costs:
    """Return what Step Functions charges for a million express workflows, by requests and duration."""
    took = ceil(cost.seconds(kind, len(workflow.tasks(kind))) / EXPRESS_ROUNDED) * EXPRESS_ROUNDED
    duration = cost.MILLION * took * EXPRESS_GB * price["GB-second of express workflows"]
    return {"Orchestrator": price["million express workflows"] + duration}


def durable(kind: str, price: Costs) -> Costs:
    """Return what Lambda charges for a million durable executions: operations, checkpoints, one run for all steps."""
    stored = operations(kind) * CHECKPOINT_GB * cost.MILLION
    kept = price["GB of checkpoints written"] + RETAINED_MONTHS * price["GB-month of checkpoints"]
    seconds = cost.seconds(kind, len(workflow.tasks(kind)))
    created = cost.OWN_SECONDS * cost.MEMORY_GB
    return {
        "Orchestrator": operations(kind) * price["million durable operations"] + stored * kept,
        "Lambda": RUNS * price["million runs"]
        + cost.MILLION * (created + seconds * cost.WAITING_MEMORY_GB) * price["GB-second on arm64"],
    }


def operations(kind: str) -> int:
    """Return the durable operations of an order: the start of the execution, and each step."""
    return 1 + len(workflow.tasks(kind))


HOW: Mapping[str, Callable[[str, Costs], Costs]] = {STANDARD: standard, EXPRESS: express, DURABLE: durable}
