"""What happens outside of the saga beside what its providers answer: hints, true and forged, at any time."""

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from tests.simulation.faulty_wire import NO_FAULT, Plan
from tests.simulation.invariants import require
from tests.simulation.shop.providers import SIGNATURE

if TYPE_CHECKING:
    from tests.simulation.faulty_wire import Invocation
    from tests.simulation.simulated_world import SimulatedWorld


def a_hint_comes(world: "SimulatedWorld", which: int, plan: Plan = NO_FAULT) -> "Invocation | None":
    """Let the gateway hint at a payment: of any order, be it early, late or again."""
    keys = sorted(world.records())
    return _hint(world, keys[which % len(keys)], SIGNATURE, plan) if keys else None


def a_forged_hint_comes(world: "SimulatedWorld", which: int, plan: Plan = NO_FAULT) -> "Invocation | None":
    """Let somebody else call who knows an order's id."""
    keys = sorted(world.records())
    return _hint(world, keys[which % len(keys)], {"Provider-Signature": "guessed"}, plan) if keys else None


def a_hint_comes_of_no_order(world: "SimulatedWorld", _which: int, plan: Plan = NO_FAULT) -> "Invocation":
    """Let the gateway hint at a payment of somebody else's."""
    return _hint(world, "somebody else's", SIGNATURE, plan)


def a_customer_cancels(world: "SimulatedWorld", which: int, plan: Plan = NO_FAULT) -> "Invocation | None":
    """Let a customer cancel an order, and look at what is answered."""
    keys = sorted(world.records())
    if not keys:
        return None
    key = keys[which % len(keys)]
    request = {
        "httpMethod": "POST",
        "path": f"/orders/{key}/cancel",
        "headers": {},
        "pathParameters": {"orderId": key},
        "body": None,
        "isBase64Encoded": False,
    }
    invocation = world.call("CancelOrder", f"its customer cancels {world.name_of(key)}", request, plan)
    if invocation.finished and invocation.failure is None:
        record, answer = world.records()[key], invocation.answer["statusCode"]
        expected = (200 if record.is_terminal else 202) if record.stopped else 409
        with world.telling():
            require(answer == expected, f"{world.name_of(key)} at {record.status}: {answer} instead of {expected}")
    return invocation


def _hint(world: "SimulatedWorld", key: str, headers: Mapping[str, str], plan: Plan) -> "Invocation":
    request = {
        "httpMethod": "POST",
        "path": "/payments/hints",
        "headers": dict(headers),
        "body": json.dumps({"key": key}),
        "isBase64Encoded": False,
    }
    signed = "a hint" if headers is SIGNATURE else "a forged hint"
    return world.call("ReceivePaymentHint", f"{signed} of {world.name_of(key)} comes", request, plan)


ACTS: Mapping[str, Callable[["SimulatedWorld", int, Plan], object]] = {
    "a customer cancels": a_customer_cancels,
    "a hint comes": a_hint_comes,
    "a forged hint comes": a_forged_hint_comes,
    "a hint comes of no order": a_hint_comes_of_no_order,
}
"""What may happen in a random schedule; the number says to which saga."""
