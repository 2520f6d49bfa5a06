"""How a new version takes over."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from tests.contract.observability import ALARMS, render
from tests.contract.template import FUNCTIONS, TEMPLATE
from tests.contract.versions import DECLARED, DEFAULTS, read_by_functions, transformed, versions
from tools.deploying.versions import ADDED, digest

PREFERENCE = ADDED["Globals"]["Function"]["DeploymentPreference"]


def types(gradual: str) -> list[str]:
    resources = transformed(values={"GradualDeployments": gradual}).values()
    return [resource["Type"] for resource in resources]


def test_plain_sam_deploys_neither_versions_nor_an_alias_so_that_all_is_in_force_at_once() -> None:
    written = TEMPLATE["Globals"]["Function"].keys() | {name for each in FUNCTIONS.values() for name in each}
    assert not written & {"AutoPublishAlias", "DeploymentPreference", "SnapStart", "VersionDescription"}


@pytest.mark.parametrize("gradual", ["true", "false"])
def test_on_aws_events_and_calls_reach_the_functions_through_an_alias(gradual: str) -> None:
    resources = transformed(values={"GradualDeployments": gradual})
    aliases = {name for name, resource in resources.items() if resource["Type"] == "AWS::Lambda::Alias"}
    assert aliases == {f"{function}Aliaslive" for function in FUNCTIONS}
    targets = [
        target["Arn"]
        for resource in resources.values()
        if resource["Type"] == "AWS::Events::Rule"
        for target in resource["Properties"]["Targets"]
    ]
    assert targets
    assert [target for target in targets if target.get("Ref") not in aliases] == []
    retried = [each["Properties"] for each in resources.values() if each["Type"] == "AWS::Lambda::EventInvokeConfig"]
    assert {each["Qualifier"] for each in retried} == {"live"}


def test_traffic_is_shifted_only_where_that_is_asked_for() -> None:
    assert "AWS::CodeDeploy::DeploymentGroup" not in types("false")
    shifted = types("true")
    assert shifted.count("AWS::CodeDeploy::DeploymentGroup") == len(FUNCTIONS)


def test_a_deployment_goes_back_when_an_alarm_rises_that_is_there() -> None:
    names = {render(alarm["AlarmName"]) for alarm in ALARMS.values()}
    watched = {alarm["Fn::Sub"].replace("${AWS::StackName}", "the-StackName") for alarm in PREFERENCE["Alarms"]}
    assert watched <= names
    assert {"the-StackName-dead-letters-arriving", "the-StackName-api-5xx"} <= watched
    # It stays up as long as letters wait, and would send back what mends their cause.
    assert "the-StackName-dead-letters" not in watched
    # CodeDeploy takes ten.
    assert len(watched) <= 10


def test_the_functions_read_these_parameters() -> None:
    """The next test changes each of them; here they are by hand, so that none is overlooked."""
    assert read_by_functions() == [
        *("PythonRuntime", "Architecture", "DeadlineSeconds", "PendingDeadlineSeconds", "RecoverAfterSeconds"),
        "RecoveryPerSecond",
        *("PaymentProvider", "ProviderTimeoutSeconds", "StripeApiKeySecret", "StripeWebhookSecret", "StripeApiUrl"),
        *("PaymentReturnUrl", "RetentionDays", "LastRelease", "AwsEndpointUrl", "SnapStart"),
    ]


@pytest.mark.parametrize("parameter", read_by_functions())
def test_a_parameter_that_functions_read_publishes_a_version_of_each_when_its_value_changes(parameter: str) -> None:
    before, after = versions(), versions(values={parameter: changed(parameter)})
    assert before.keys() == after.keys() == FUNCTIONS.keys()
    assert set(before.values()) & set(after.values()) == set()


@pytest.mark.parametrize("parameter", ["AlarmEmail", "ApiAccessLogs", "ArchiveDays", "GradualDeployments"])
def test_a_parameter_that_no_function_depends_on_publishes_nothing(parameter: str) -> None:
    assert versions(values={parameter: changed(parameter)}) == versions()


def changed(parameter: str) -> str:
    """Return a value of a parameter that is not its default."""
    default = DEFAULTS[parameter]
    allowed = [str(value) for value in DECLARED[parameter].get("AllowedValues", [])]
    if allowed:
        return next(value for value in allowed if value != default)
    return str(int(default) + 1) if default.isdigit() else f"{default}x"


def test_new_code_publishes_a_version_of_each_function() -> None:
    assert set(versions("1").values()) & set(versions("0").values()) == set()


ONE = next(iter(FUNCTIONS))
CHANGES: dict[str, Any] = {
    "a function's timeout": lambda template: template["Resources"][ONE]["Properties"].update(Timeout=7),
    "its role, which may be another one then": lambda template: template["Resources"][f"{ONE}Role"][
        "Properties"
    ].update(Path="/elsewhere/"),
    "a condition that its settings depend on": lambda template: template["Conditions"].update(
        HasEndpointUrl={"Fn::Equals": ["a", "a"]}
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_of_what_a_function_depends_on_publishes_a_version(change: str) -> None:
    template = deepcopy(TEMPLATE)
    CHANGES[change](template)
    assert versions(template=template)[ONE] != versions()[ONE]


def test_a_change_of_one_function_publishes_nothing_of_the_others() -> None:
    template = deepcopy(TEMPLATE)
    CHANGES["a function's timeout"](template)
    others = FUNCTIONS.keys() - {ONE}
    before, after = versions(), versions(template=template)
    assert {name: after[name] for name in others} == {name: before[name] for name in others}


def test_the_digest_of_code_is_that_of_its_files_and_their_names(tmp_path: Path) -> None:
    def of(**files: str) -> str:
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        folder.mkdir()
        for name, text in files.items():
            (folder / name).write_text(text)
        return digest(folder)

    assert of(a="1", b="2") == of(b="2", a="1")
    assert len({of(a="1", b="2"), of(a="2", b="1"), of(a="12"), of(ab="2"), of(a="1", b="2", c="")}) == 5


@pytest.mark.parametrize("runtime", TEMPLATE["Parameters"]["PythonRuntime"]["AllowedValues"])
@pytest.mark.parametrize("snap_start", ["on", "off"])
def test_snap_start_is_refused_only_on_a_python_that_lambda_has_it_not_for(snap_start: str, runtime: str) -> None:
    rule = ADDED["Rules"]["SnapStartRuntime"]
    values = {"SnapStart": snap_start, "PythonRuntime": runtime}
    (assertion,) = rule["Assertions"]
    refused = holds(rule["RuleCondition"], values) and not holds(assertion["Assert"], values)
    assert refused is (snap_start == "on" and runtime == "python3.11")
    assert "needs Python 3.12 or later" in assertion["AssertDescription"]


def holds(condition: dict[str, Any], values: dict[str, str]) -> bool:
    """Evaluate a condition of the template's Rules for these parameters."""
    match condition:
        case {"Fn::Equals": [{"Ref": name}, value]}:
            return bool(values[name] == value)
        case {"Fn::Not": [inner]}:
            return not holds(inner, values)
    raise ValueError(f"this evaluator does not know {condition}")


def test_snap_start_is_off_by_default_and_for_published_versions_when_it_is_on() -> None:
    assert DEFAULTS["SnapStart"] == "off"
    functions = [each for each in transformed().values() if each["Type"] == "AWS::Lambda::Function"]
    applied = {"ApplyOn": {"Fn::If": ["HasSnapStart", "PublishedVersions", "None"]}}
    assert [function["Properties"]["SnapStart"] for function in functions] == [applied] * len(FUNCTIONS)
    assert ADDED["Conditions"]["HasSnapStart"] == {"Fn::Equals": [{"Ref": "SnapStart"}, "on"]}
