"""The same order as a state machine, and which of its states an order of each kind goes through."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

DEFINITION = Path(__file__).with_name("workflow.asl.json")
"""The state machine, in the Amazon States Language."""
REFUSALS: Mapping[str, Mapping[str, str]] = {
    "happy": {},
    "out of stock": {"ReserveInventory": "OutOfStock"},
    "declined": {"ChargePayment": "CardDeclined"},
    "undeliverable": {"NotifyShipping": "Undeliverable"},
}
"""Of each kind of order: the error that a task raises."""


def states() -> Mapping[str, Any]:
    """Return the states of the definition, by name."""
    found: Mapping[str, Any] = json.loads(DEFINITION.read_text())["States"]
    return found


def entered(kind: str) -> list[str]:
    """Return the names of the states that an order of a kind goes through, in their order.

    Raises `KeyError` if a task raises an error that it does not catch.
    """
    return list(_walk(json.loads(DEFINITION.read_text()), REFUSALS[kind]))


def tasks(kind: str) -> list[str]:
    """Return the names of the tasks that an order of a kind goes through: each invokes a function."""
    known = states()
    return [name for name in entered(kind) if known[name]["Type"] == "Task"]


def _walk(definition: Mapping[str, Any], refusals: Mapping[str, str]) -> Iterator[str]:
    name = definition["StartAt"]
    while name:
        state = definition["States"][name]
        yield name
        if name in refusals:
            caught = {error: catch["Next"] for catch in state["Catch"] for error in catch["ErrorEquals"]}
            name = caught[refusals[name]]
        else:
            name = state.get("Next")
