"""Deploys examples/loyalty beside the saga, and shows that an order awards points once if its event comes twice."""

import json
from typing import Any

from contract.events import ShippingScheduled
from tools.base.console import console, doing
from tools.base.problem import ProblemError
from tools.base.stack import Stack
from tools.base.target import ROOT, SAMCONFIG, Target
from tools.base.waiting import wait_for
from tools.deploying.build import overrides, parameters, run_sam
from tools.deploying.deletion import delete_stack
from tools.emulator.backends import adapter
from tools.operating.publishing import publish
from tools.shop import triggers

TEMPLATE = ROOT / "examples" / "loyalty" / "template.yaml"
PATIENCE = 30
"""Seconds that an event may take to the function and its log line to the log group."""


def deploy(saga: Stack) -> Stack:
    """Deploy the example beside the saga, on an emulator, and return its stack. Raises `ProblemError`."""
    if not saga.target.endpoint:
        raise ProblemError("this is for an emulator: docs/consuming-events.md says how to deploy the example on AWS")
    target = target_beside(saga.target)
    if Stack.find(target) and not has_rule(saga):
        # An emulator deletes a bus with all its rules, and a deployment without a change brings none back.
        delete_stack(target)
    here = parameters(target)
    chosen = {"EventBusName": saga.output("EventBusName")}
    chosen |= {name: here[name] for name in ("PythonRuntime", "Architecture")}
    words = ["--template-file", str(TEMPLATE), "--config-file", str(SAMCONFIG), "--config-env", target.config_env]
    words += ["--stack-name", target.stack_name, "--s3-prefix", target.stack_name]
    run_sam("deploy", target, *words, *overrides(chosen), program="samlocal")
    return Stack.of(target)


def target_beside(target: Target) -> Target:
    """Return where the example's stack is."""
    return target.model_copy(update={"stack_name": f"{target.stack_name}-loyalty"})


def has_rule(saga: Stack) -> bool:
    """Return whether the saga's bus has the example's rule."""
    rules = saga.client("events").list_rules(EventBusName=saga.output("EventBusName"))["Rules"]
    return any(rule["Name"].startswith(f"{target_beside(saga.target).stack_name}-") for rule in rules)


def points_of(loyalty: Stack, customer_id: str) -> int:
    """Return a customer's points."""
    key = {"id": f"customer#{customer_id}"}
    item = loyalty.table("PointsTableName").get_item(Key=key, ConsistentRead=True).get("Item", {})
    return int(str(item.get("points", 0)))


def deliveries_of(loyalty: Stack, event_id: str) -> list[str]:
    """Return what the example logged about the deliveries of an event."""
    group = loyalty.physical_id("LogGroup")
    messages = adapter(loyalty.target).log_messages(loyalty, group, event_id, {})
    lines = [line for message in messages for line in message.splitlines() if line.startswith("{")]
    return [line["delivery"] for line in map(json.loads, lines) if line.get("eventId") == event_id]


def wait_for_deliveries(loyalty: Stack, event_id: str, count: int) -> list[str]:
    """Wait until the example has logged so many deliveries of an event, and return them. Raises `ProblemError`."""

    def logged() -> list[str] | None:
        found = deliveries_of(loyalty, event_id)
        return found if len(found) >= count else None

    if (found := wait_for(logged, seconds=PATIENCE)) is None:
        raise ProblemError(f"the function AwardPoints did not log event {event_id} {count} times in {PATIENCE} s")
    return found


def show(saga: Stack) -> None:
    """Deploy the example, place an order, and deliver its last event again. Raises `ProblemError` if points differ."""
    with doing(f"deploying {TEMPLATE.parent.relative_to(ROOT)} as {target_beside(saga.target).stack_name}"):
        loyalty = deploy(saga)
    record = triggers.pull("happy", saga)
    shipped, customer_id = ShippingScheduled.from_fields(_carried(record)), record["customerId"]
    event_id = ShippingScheduled.id_for(shipped.key)
    wait_for_deliveries(loyalty, event_id, 1)
    points = points_of(loyalty, customer_id)
    console.print(f"{customer_id} has {points} points: 1 for each full {record['currency']} of shipped orders")
    with doing("publishing the same ShippingScheduled again"):
        publish(saga, shipped.detail_type, shipped.detail())
        deliveries = wait_for_deliveries(loyalty, event_id, 2)
    again = points_of(loyalty, customer_id)
    console.print(f"event {event_id} was delivered {len(deliveries)} times: {', '.join(deliveries)}", soft_wrap=True)
    if again != points:
        raise ProblemError(f"{customer_id} got points twice: {again} instead of {points}")
    console.print(f"{customer_id} still has {points} points", soft_wrap=True)


def _carried(record: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if name not in {"status", "updatedAt", "history"}}
