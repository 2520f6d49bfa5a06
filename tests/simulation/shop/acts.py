"""What happens outside of the saga beside what its providers answer: hints, true and forged, at any time."""

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from tests.simulation.faulty_wire import NO_FAULT, Plan
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
    "a hint comes": a_hint_comes,
    "a forged hint comes": a_forged_hint_comes,
    "a hint comes of no order": a_hint_comes_of_no_order,
}
"""What may happen in a random schedule; the number says to which saga."""
