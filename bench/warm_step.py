"""How long a warm function takes without the network, and what of it is the saga's own."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from time import thread_time_ns
from types import SimpleNamespace
from typing import Any, cast
from unittest.mock import patch

from pydantic_core import from_json

from bench.ground import Grounds
from bench.section import Goal, Scale, Section, Table
from bench.stub import answer_at_once, calls_of
from contract.events import OrderCreated
from contract.identity import derived_id
from inventory import release_inventory, reserve_inventory
from orders import create_order
from orders.new_order import NewOrder
from payments import charge_payment, confirm_payment, refund_payment
from payments.gateway import Paid, Payment, Voided
from saga import aws
from saga.clock import iso, now
from saga.telemetry import logger, metrics, observed
from shipping import notify_shipping
from tools.base.console import doing
from tools.base.target import ROOT
from tools.base.transitions import EVENTS
from tools.invoking.samples import SAMPLES

FUNCTIONS: dict[str, tuple[Any, str]] = {
    "CreateOrder": (create_order.handler, "create-order"),
    "ReserveInventory": (reserve_inventory.handler, "order-created"),
    "ChargePayment": (charge_payment.handler, "inventory-reserved"),
    "ConfirmPayment": (confirm_payment.handler, "payment-pending"),
    "NotifyShipping": (notify_shipping.handler, "payment-charged"),
    "RefundPayment": (refund_payment.handler, "shipping-failed"),
    "ReleaseInventory": (release_inventory.handler, "payment-refunded"),
}
"""The handlers that write, each with the event of `events/` that it is called with."""
CONTEXT = SimpleNamespace(
    function_name="function",
    function_version="1",
    memory_limit_in_mb=512,
    invoked_function_arn="arn:aws:lambda:us-east-1:123456789012:function:function:live",
    aws_request_id="1bc0a0a8-5a3c-4e0e-9c5e-2f9c6f1f0a3b",
    get_remaining_time_in_millis=lambda: 60_000,
)
ENVIRONMENT = {
    # What Lambda sets (AWS Lambda Developer Guide, "Using Lambda environment variables") ...
    "AWS_LAMBDA_FUNCTION_NAME": "function",
    "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_SESSION_TOKEN": "token" * 100,
    # The build has no awscrt, a signer in C, which botocore takes if it finds it beside this Python's tools.
    "BOTO_DISABLE_CRT": "true",
    "_X_AMZN_TRACE_ID": "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=557abcec3ee5a047;Sampled=1",
    # ... and what the template does.
    "POWERTOOLS_SERVICE_NAME": "order-saga",
    "POWERTOOLS_METRICS_NAMESPACE": "order-saga-bench",
    "EVENT_BUS_NAME": "order-saga-bench-orders",
    "RECORDS_TABLE_NAME": "order-saga-bench-OrdersTable",
    "INVENTORY_TABLE_NAME": "order-saga-bench-InventoryTable",
    "DEADLINE_SECONDS": "900",
    "PENDING_DEADLINE_SECONDS": "3600",
    # The events are of orders that were placed as the measurement began, and are on time however slow the machine is.
    "RECOVER_AFTER_SECONDS": "900",
    "LAST_RELEASE": "gone",
    "PROVIDER_TIMEOUT_SECONDS": "2",
}
WARM_UP = 50
"""Rounds that are not counted."""
PARTS = ("decision", "parsing", "log", "metrics")
"""The pieces of a handler that are timed by themselves, beside its calls."""
MOST = 1_000
"""Microseconds: what the wrapper around a decision may take."""

ABOUT = """\
Each handler was called {rounds} times in one warm process with a real event, for an order that is on time. botocore
serialized, signed and parsed; only the network was left out. The **baseline** alternates with it in the same rounds: a
function that makes the same two AWS calls with the same, prepared arguments and does nothing else. Times are processor
time: medians, and a 95th percentile (Python's `statistics`). The *wrapper* is the handler's time minus the two calls
and the decision, which is the function that a step is written as. The payment provider answers immediately. Logs and
metrics are discarded."""
BY_THEMSELVES = """\
Decision, parsing, log (Powertools Logger) and metrics (Powertools Metrics, in CloudWatch's embedded format) were timed
separately, with the handler's arguments. What remains is the difference: preparing the write, the event as JSON, and
the code in between. A decision makes the event that is published; in CreateOrder, which is no step, it is the new event
only."""
ON_LAMBDA = """\
The work of urllib3 and TLS is not included. At 512 MB a Lambda function has 0.29 of a vCPU, at 256 MB half of that (AWS
Lambda Developer Guide, "Configure Lambda function memory": one vCPU at 1,769 MB), so all of this takes 3.5 or 7 times
as long there on a processor like this one (calculated). The ratio stays the same."""

Pieces = Mapping[str, Callable[[], object]]
"""What is timed of a function: `handler`, all of it, and each piece of it by itself."""
Times = Mapping[str, list[int]]
"""Nanoseconds of each piece, one a round."""


def measure(scale: Scale, _grounds: Grounds) -> Section:
    """Time the handlers and their pieces in a process of their own, which has a function's environment."""
    rounds = scale.choose(2_000, 100)
    with doing(f"calling {len(FUNCTIONS)} handlers {rounds} times, without a network"):
        return section(_timed_apart(rounds), rounds)


def section(timed: Mapping[str, Times], rounds: int) -> Section:
    """Describe what was found from each function's times."""
    figures = {function: microseconds(times) for function, times in timed.items()}
    slowest = max(figures, key=lambda function: figures[function]["wrapper"])
    most = figures[slowest]["wrapper"]
    return Section(
        title="A warm step without the network",
        about=ABOUT.format(rounds=f"{rounds:,}"),
        tables={
            "What a call of a function takes, in microseconds, and the two AWS calls alone": Table(
                ("function", "handler", "95th percentile", "two calls alone", "handler to calls", "wrapper"),
                [
                    (
                        function,
                        *(f"{found[piece]:.0f}" for piece in ("handler", "p95", "calls")),
                        f"{found['ratio']:.2f}",
                        f"{found['wrapper']:.0f}",
                    )
                    for function, found in figures.items()
                ],
            ),
            "What it consists of beside the two calls, in microseconds": Table(
                ("function", "decision", "parsing (Pydantic)", "log", "metrics", "what remains"),
                [
                    (function, *(f"{found[piece]:.0f}" for piece in (*PARTS, "remains")))
                    for function, found in figures.items()
                ],
            ),
        },
        goals=[
            Goal(
                "the saga's wrapper around a decision is cheap",
                f"under {MOST} µs in every function, as a median",
                f"{most:.0f} µs at the most, in {slowest}",
                most < MOST,
            )
        ],
        notes=[BY_THEMSELVES, ON_LAMBDA],
        figures={"warmStep": {"rounds": rounds, "microseconds": figures}},
    )


def microseconds(times: Times) -> dict[str, float]:
    """Return the median of each piece, and what follows from them; in microseconds, but for the ratio."""
    found = {piece: median(took) / 1_000 for piece, took in times.items()}
    beside = found["handler"] - found["calls"]
    return found | {
        "p95": quantiles(times["handler"], n=20)[-1] / 1_000,
        "ratio": found["handler"] / found["calls"],
        "wrapper": beside - found["decision"],
        "remains": beside - sum(found[piece] for piece in PARTS),
    }


def _timed_apart(rounds: int) -> dict[str, Times]:
    with TemporaryDirectory(prefix="bench-") as folder:
        found = Path(folder) / "times.json"
        subprocess.run(
            [sys.executable, "-m", "bench.warm_step", str(rounds), found],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT / "src")} | ENVIRONMENT,
            # As on Lambda, what is logged goes out line by line.
            stdout=subprocess.DEVNULL,
            check=True,
        )
        timed: dict[str, Times] = json.loads(found.read_text())
        return timed


def in_turns(functions: Mapping[str, Pieces], rounds: int) -> dict[str, Times]:
    """Run all pieces of all functions in each round, every other round backwards, and return how long each took."""
    took: dict[str, Times] = {name: {piece: [] for piece in pieces} for name, pieces in functions.items()}
    everything = [(took[name][piece], run) for name, pieces in functions.items() for piece, run in pieces.items()]
    for number in range(rounds):
        for times, run in everything if number % 2 else reversed(everything):
            began = thread_time_ns()
            run()
            times.append(thread_time_ns() - began)
    return took


def pieces(handler: Any, event: dict[str, Any]) -> Pieces:
    """Take a handler apart; what it calls, logs and counts is what it does with this event."""
    run = partial(handler, event, CONTEXT)
    with (
        patch.object(logger, "info", wraps=logger.info) as logged,
        patch.object(metrics, "add_metric", wraps=metrics.add_metric) as counted,
    ):
        calls = calls_of(run, aws.dynamodb(), aws.events())

    def make_calls() -> None:
        for call in calls:
            call.repeat()

    # A line carries what was counted before it: here that is a piece of its own.
    (line,) = logged.call_args_list
    names = {"_aws", *(metric.kwargs["name"] for metric in counted.call_args_list)}
    said = {name: value for name, value in line.kwargs["extra"].items() if name not in names}

    @observed
    def log(_event: object, _context: object) -> None:
        logger.set_correlation_id(said["orderId"])
        logger.info(*line.args, extra=said)

    def count() -> str:
        for metric in counted.call_args_list:
            metrics.add_metric(*metric.args, **metric.kwargs)
        written = json.dumps(metrics.serialize_metric_set())
        metrics.clear_metrics()
        return written

    parse, decide = _step(handler, event) if "detail-type" in event else _create_order(event)
    return {
        "handler": run,
        "calls": make_calls,
        "decision": decide,
        "parsing": parse,
        "log": partial(log, event, cast("Any", CONTEXT)),
        "metrics": count,
    }


def _step(handler: Any, event: dict[str, Any]) -> tuple[Callable[[], object], Callable[[], object]]:
    parse = partial(EVENTS[event["detail-type"]].from_fields, event["detail"])
    return parse, partial(handler.__wrapped__, parse())


def _create_order(event: dict[str, Any]) -> tuple[Callable[[], object], Callable[[], object]]:
    def parse() -> NewOrder:
        return NewOrder.model_validate(from_json(event["body"]))

    order = dict(parse())
    return parse, lambda: OrderCreated.new(order_id=derived_id("order", "key"), created_at=now(), **order)


class InstantGateway:
    """A payment gateway that answers at once: the provider's own time is not the saga's."""

    def charge(self, payment: Payment) -> Paid:
        """Return the payment's key as its id."""
        return Paid(payment.key)

    status = charge

    def void(self, payment: Payment) -> Voided:
        """Return the payment's key as the refund's id."""
        return Voided(payment.key)


def sample(name: str) -> dict[str, Any]:
    """Read an event of `events/`, as it would come now."""
    event: dict[str, Any] = json.loads((SAMPLES / f"{name}.json").read_text())
    if "detail" in event:
        # A new order: an overdue one would be read first.
        event["detail"]["createdAt"] = iso(now())
    return event


def _main(rounds: int, found: Path) -> None:
    for client in (aws.dynamodb(), aws.events()):
        answer_at_once(client)
    gateway = InstantGateway()
    with (
        patch.object(charge_payment, "gateway", gateway),
        patch.object(confirm_payment, "gateway", gateway),
        patch.object(refund_payment, "gateway", gateway),
    ):
        functions = {name: pieces(handler, sample(file)) for name, (handler, file) in FUNCTIONS.items()}
        in_turns(functions, WARM_UP)
        found.write_text(json.dumps(in_turns(functions, rounds)))


if __name__ == "__main__":
    _main(int(sys.argv[1]), Path(sys.argv[2]))
