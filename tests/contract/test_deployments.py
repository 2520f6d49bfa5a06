"""How a new version takes over."""

from copy import deepcopy

from samtranslator.translator.transform import transform

from tests.contract.observability import ALARMS, render
from tests.contract.template import TEMPLATE

PREFERENCE = TEMPLATE["Globals"]["Function"]["DeploymentPreference"]


class _NoManagedPolicies:
    def load(self) -> dict[str, str]:
        return {}


def transformed(gradual: str) -> dict[str, str]:
    """Return the types of the resources that SAM makes of the template, by name."""
    template = deepcopy(TEMPLATE)
    template["Globals"]["Function"]["CodeUri"] = "s3://bucket/key"
    resources = transform(template, {"GradualDeployments": gradual}, _NoManagedPolicies())["Resources"]
    return {name: resource["Type"] for name, resource in resources.items()}


def test_events_and_calls_reach_the_functions_through_an_alias_in_every_stage() -> None:
    for gradual in ("true", "false"):
        types = list(transformed(gradual).values())
        functions = types.count("AWS::Lambda::Function")
        assert types.count("AWS::Lambda::Alias") == functions > 0


def test_traffic_is_shifted_only_where_that_is_asked_for() -> None:
    assert "AWS::CodeDeploy::DeploymentGroup" not in transformed("false").values()
    types = list(transformed("true").values())
    assert types.count("AWS::CodeDeploy::DeploymentGroup") == types.count("AWS::Lambda::Function")


def test_a_deployment_goes_back_when_an_alarm_rises_that_is_there() -> None:
    names = {render(alarm["AlarmName"]) for alarm in ALARMS.values()}
    watched = {alarm["Fn::Sub"].replace("${AWS::StackName}", "the-StackName") for alarm in PREFERENCE["Alarms"]}
    assert watched <= names
    assert {"the-StackName-dead-letters", "the-StackName-api-5xx"} <= watched
    # CodeDeploy takes ten.
    assert len(watched) <= 10
