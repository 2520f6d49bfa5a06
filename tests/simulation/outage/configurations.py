"""What the template says of each function, as far as Lambda under load heeds it."""

from collections.abc import Iterator
from typing import Any

from tests.simulation.deployment import TEMPLATE, deployment
from tests.simulation.outage.assumptions import MOST_AGE
from tests.simulation.outage.lambda_service import Configuration
from tools.base.cloudformation import parse_template


def configurations() -> Iterator[Configuration]:
    """Read the template, with the defaults of its parameters."""
    template, deployed = parse_template(TEMPLATE.read_text()), deployment()
    for name, function in deployed.functions.items():
        properties = template["Resources"][name]["Properties"]
        asynchronous = properties.get("EventInvokeConfig", {})
        yield Configuration(
            name,
            timeout=function.timeout.total_seconds(),
            attempts=function.attempts,
            most_age=float(asynchronous.get("MaximumEventAgeInSeconds", MOST_AGE)),
            reserved=reserved(properties.get("ReservedConcurrentExecutions"), template["Parameters"]),
            on_failure="OnFailure" in asynchronous.get("DestinationConfig", {}),
            is_long=function == deployed.recovery,
        )


def reserved(value: Any, parameters: dict[str, Any]) -> int | None:
    """Return a reservation: a number, a parameter, or one under a condition that holds unless the parameter is 0."""
    match value:
        case {"Ref": name} | {"Fn::If": [_, {"Ref": name}, _]}:
            return int(parameters[name]["Default"]) or None
        case None | int():
            return value
    raise AssertionError(f"the model does not understand this reservation: {value}")
