"""The functions that are measured: all that the template declares, each with an event for its first call."""

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from saga.clock import now
from tools.base.cloudformation import parse_template
from tools.base.problem import ProblemError
from tools.base.target import ROOT
from tools.base.template import TEMPLATE
from tools.invoking.samples import SAMPLES, Call, choose
from tools.project.choreography.flow import Flow


@dataclass(frozen=True)
class Function:
    """A function of the template."""

    name: str
    handler: str
    variables: Mapping[str, str]
    """Its environment variables; a resource's name is its logical id."""
    clients: tuple[str, ...]
    """The AWS services that it calls, by what its role allows."""
    call: Call
    is_optional: bool = False
    """Whether it is so only in a deployment that asks for it."""

    @property
    def is_refused(self) -> bool:
        """Whether its event is refused: the simulated payment provider calls nobody, so every hint is a forgery."""
        return self.name == "ReceivePaymentHint"

    @property
    def is_http(self) -> bool:
        """Whether requests start it, not events."""
        return "httpMethod" in self.call.event

    def event(self) -> dict[str, Any]:
        """Return an event for it, of an order that was placed just now: an old one would be looked up first."""
        consumed = self.call.consumed
        if consumed is None:
            return dict(self.call.event)
        fresh = consumed.model_copy(update={"created_at": now()})
        return {**self.call.event, "detail": json.loads(fresh.detail())}


def functions() -> list[Function]:
    """Return all functions, as the template orders them."""
    return list(_functions(parse_template((ROOT / TEMPLATE).read_text()), Flow.of_this_project()))


def _functions(template: Mapping[str, Any], flow: Flow) -> Iterator[Function]:
    for name in flow.functions:
        own = template["Resources"][name]["Properties"]
        role = template["Resources"][own["Role"]["Fn::GetAtt"][0]]["Properties"]
        called = services(role, template["Resources"])
        declared = _declared(template["Globals"]["Function"]) | _declared(own)
        yield Function(
            name=name,
            handler=str(own["Handler"]),
            variables=variables(declared, template["Parameters"]),
            clients=tuple(service for service in ("dynamodb", "events") if service in called),
            call=_sample(name, flow),
        )


def variables(declared: Mapping[str, Any], parameters: Mapping[str, Any]) -> dict[str, str]:
    """Return environment variables as a deployment has them: a parameter's default, a resource's logical id.

    One that is there under a condition only is left out.
    """
    return {
        str(name): _value(value, parameters)
        for name, value in declared.items()
        if not isinstance(value, dict) or "Fn::If" not in value
    }


def services(role: Mapping[str, Any], resources: Mapping[str, Any]) -> set[str]:
    """Return the AWS services that a role may call, by its own policies and by the template's that it attaches."""
    policies = [*role.get("Policies", [])]
    policies += [resources[managed["Ref"]]["Properties"] for managed in role.get("ManagedPolicyArns", [])]
    statements = [statement for policy in policies for statement in policy["PolicyDocument"]["Statement"]]
    actions = [
        action
        for statement in statements
        for action in ([statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"])
    ]
    return {action.partition(":")[0] for action in actions}


def _declared(properties: Mapping[str, Any]) -> dict[str, Any]:
    return dict(properties.get("Environment", {}).get("Variables", {}))


def _value(value: Any, parameters: Mapping[str, Any]) -> str:
    if not isinstance(value, dict):
        return str(value)
    (named,) = value.values()
    return str(parameters.get(named, {}).get("Default", named))


def _sample(function: str, flow: Flow) -> Call:
    for file in sorted(SAMPLES.glob("*.json")):
        with suppress(ProblemError):
            return choose(flow, function, str(file))
    raise ProblemError(f"there is no sample event for {function} in {SAMPLES.name}/")
