"""How many stuck orders one run of recovery gets through, against AWS's latencies."""

import json
import os
import platform
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bench.backlog.aws import Backlog, backlog
from bench.ground import Grounds
from bench.growth.recovering import FUNCTION, TIMEOUT, latency
from bench.growth.synthetic_orders import stuck
from bench.places import REGION
from bench.runtime.functions import functions
from bench.section import Goal, Scale, Section, Table
from saga.recovery import WORKERS
from saga.table import to_item
from tools.base.console import doing
from tools.base.problem import ProblemError
from tools.base.root import ROOT
from tools.base.settings import EMULATOR_KEY

ORDERS = 100_000
MOST_CALLS = 0.13
"""Calls of AWS for an order, at most."""
MOST_MEMORY = 512
"""Megabytes: a third of what RecoverOrders has."""


@dataclass(frozen=True)
class Found:
    """One run of recovery with a backlog."""

    orders: int
    once: int
    """Orders whose event was published once."""
    calls: Mapping[str, int]
    figures: Mapping[str, Any]
    """What the run itself measured, see `bench.backlog.one_run`."""

    @property
    def calls_an_order(self) -> float:
        """Calls of AWS for an order."""
        return sum(self.calls.values()) / self.orders


def measure(scale: Scale, _grounds: Grounds) -> Section:
    """Let one run of recovery find a tenth of the orders, then all of them.

    Raises `ProblemError` on anything but Linux, which tells how much memory a process had at the most.
    """
    if platform.system() != "Linux":
        raise ProblemError("a run of recovery can be measured on Linux alone")
    orders = scale.choose(ORDERS, 1_000)
    found = []
    for each in (orders // 10, orders):
        with doing(f"recovering {each:,} orders in one run"):
            found.append(recovered(each))
    return section(found)


def recovered(orders: int) -> Found:
    """Start recovery in a process of its own, with so many stuck orders and no ceiling."""
    with backlog(orders, to_item(stuck(0))) as aws:
        run = subprocess.run(
            [sys.executable, "-m", "bench.backlog.one_run"],
            cwd=ROOT,
            env=_environment(aws),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
        if run.returncode:
            raise ProblemError(f"recovery failed: {run.stderr.strip()}")
        once = sum(times == 1 for times in aws.published.values())
        return Found(orders, once, dict(aws.calls), json.loads(run.stderr.splitlines()[-1]))


def _environment(aws: Backlog) -> dict[str, str]:
    (function,) = (function for function in functions() if function.name == FUNCTION)
    return {
        **function.variables,
        "PATH": os.defpath,
        "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
        "RECOVERY_PER_SECOND": "0",
        "AWS_ENDPOINT_URL": aws.url,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": EMULATOR_KEY,
        "AWS_SECRET_ACCESS_KEY": EMULATOR_KEY,
    }


def section(found: list[Found]) -> Section:
    """Describe what was found, the smallest backlog first."""
    most = found[-1]
    limit = TIMEOUT / 1_000
    return Section(
        title="A run of recovery",
        about=(
            f"One run of {FUNCTION}, its ceiling `RecoveryPerSecond` lifted, in a process of its own with its "
            f"{WORKERS} workers. DynamoDB and EventBridge are a stub on this machine, in another process, that answers "
            f"after {latency('Query')} and {latency('PutEvents')} ms, as microburst observed AWS, without TLS. The "
            "smaller backlog is the **baseline**. Memory is the peak of the process, Python and libraries included. "
            "Once each."
        ),
        tables={
            "One run, by stuck orders": Table(
                ("stuck orders", "published once", *_OPERATIONS, "calls an order", "s", "processor s", "memory, MB"),
                [_row(each) for each in found],
            )
        },
        goals=[
            Goal(
                "one run of recovery gets through",
                f"{most.orders:,} orders, each published once, before its timeout of {limit:.0f} s",
                f"{most.once:,} in {most.figures['seconds']:.0f} s",
                most.once == most.orders and bool(most.figures["complete"]),
            ),
            Goal(
                "recovery makes few calls for an order",
                f"at most {MOST_CALLS}",
                f"{most.calls_an_order:.3f}",
                most.calls_an_order <= MOST_CALLS,
            ),
            Goal(
                "its memory is bounded",
                f"under {MOST_MEMORY} MB",
                f"{most.figures['peakMegabytes']:.0f} MB",
                most.figures["peakMegabytes"] < MOST_MEMORY,
            ),
        ],
        notes=[
            "What grows with the backlog is the list of the orders' keys.",
            "On Lambda RecoverOrders has a whole processor too (1,769 MB).",
        ],
        figures={"backlog": [{"orders": each.orders, "calls": each.calls, **each.figures} for each in found]},
    )


_OPERATIONS = ("Query", "BatchGetItem", "PutEvents")


def _row(found: Found) -> tuple[str, ...]:
    figures = found.figures
    return (
        f"{found.orders:,}",
        f"{found.once:,}",
        *(f"{found.calls[operation]:,}" for operation in _OPERATIONS),
        f"{found.calls_an_order:.3f}",
        f"{figures['seconds']:.1f}",
        f"{figures['processorSeconds']:.1f}",
        f"{figures['peakMegabytes']:.0f}",
    )
