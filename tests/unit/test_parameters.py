"""The values that a deployment gives the template's parameters: which of several wins, and which are refused."""

from typing import Any

import pytest
from botocore.client import BaseClient

from tests.contract.versions import DEFAULTS
from tools.base.problem import ProblemError
from tools.base.target import Target
from tools.deploying import parameters
from tools.deploying.parameters import read, values

DEV, PROD, STAGING = (
    Target(stage=stage, endpoint=None, region="us-east-1", stack_name=f"order-saga-{stage}")
    for stage in ("dev", "prod", "staging")
)
DEPLOYED_BEFORE = {"DeadlineSeconds": "1800", "RecoverAfterSeconds": "90", "Gone": "1", "Stage": "dev"}
DEFAULTS_BEFORE = {"DeadlineSeconds": "900", "RecoverAfterSeconds": "90", "Gone": "0", "Stage": "dev"}


@pytest.fixture
def deployed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stack from an older template, in which recovery came after 90 s, with a deadline that somebody set."""

    def call(_: BaseClient, operation: str, __: dict[str, Any]) -> Any:
        in_force = [{"ParameterKey": name, "ParameterValue": value} for name, value in DEPLOYED_BEFORE.items()]
        before = [{"ParameterKey": name, "DefaultValue": value} for name, value in DEFAULTS_BEFORE.items()]
        return {
            "DescribeStacks": {"Stacks": [{"StackStatus": "UPDATE_COMPLETE", "Parameters": in_force}]},
            "GetTemplateSummary": {"Parameters": before},
        }[operation]

    monkeypatch.setattr(BaseClient, "_make_api_call", call)


@pytest.fixture
def samconfig(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> Any:
    """A samconfig.toml of the test's own."""
    file = tmp_path / "samconfig.toml"
    file.write_text('[dev.deploy.parameters]\nparameter_overrides = "LogRetentionDays=7 AlarmEmail=a@example.com"\n')
    monkeypatch.setattr(parameters, "SAMCONFIG", file)
    return file


@pytest.mark.usefixtures("deployed")
def test_what_somebody_set_stays_and_what_was_the_default_follows_the_new_default() -> None:
    chosen = values(DEV, {})
    assert chosen.keys() == DEFAULTS.keys()
    assert (chosen["DeadlineSeconds"], chosen["RecoverAfterSeconds"]) == ("1800", DEFAULTS["RecoverAfterSeconds"])
    assert DEFAULTS["RecoverAfterSeconds"] != DEPLOYED_BEFORE["RecoverAfterSeconds"]


@pytest.mark.usefixtures("deployed", "samconfig")
def test_what_is_asked_for_wins_over_samconfig_and_that_over_what_was_set_before() -> None:
    chosen = values(DEV, {"AlarmEmail": "b@example.com", "DeadlineSeconds": "900"})
    assert [chosen[name] for name in ("LogRetentionDays", "AlarmEmail", "DeadlineSeconds")] == [
        *("7", "b@example.com", "900")
    ]


@pytest.mark.usefixtures("deployed")
def test_gradually_or_at_once_is_said_anew_with_each_deployment() -> None:
    assert values(PROD, {})["GradualDeployments"] == "true"
    assert values(PROD, {"GradualDeployments": "false"})["GradualDeployments"] == "false"
    assert values(DEV, {})["GradualDeployments"] == "false"


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"DeadlineSecond": "600"}, r"there is no parameter DeadlineSecond: choose one of AlarmEmail, .*SnapStart, .*"),
        ({"DeadlineSeconds": "soon"}, r"DeadlineSeconds=soon is refused: it takes a number"),
        ({"DeadlineSeconds": "59"}, r"DeadlineSeconds=59 is refused: it takes no less than 60"),
        ({"BusLogs": "maybe"}, r"BusLogs=maybe is refused: it takes one of on, off"),
        ({"BusLogs": "", "ArchiveDays": "-1"}, r"ArchiveDays=-1 .* no less than 0; BusLogs= .* one of on, off"),
    ],
)
@pytest.mark.usefixtures("deployed")
def test_what_the_template_does_not_take_is_refused(asked: dict[str, str], said: str) -> None:
    with pytest.raises(ProblemError, match=rf"^{said}$"):
        values(DEV, asked)


@pytest.mark.usefixtures("deployed")
def test_a_wrong_name_in_samconfig_is_refused_too(samconfig: Any) -> None:
    samconfig.write_text('[dev.deploy.parameters]\nparameter_overrides = ["Deadline=600"]\n')
    with pytest.raises(ProblemError, match="there is no parameter Deadline: choose one of"):
        values(DEV, {})


def test_parameters_are_written_as_for_sam() -> None:
    assert read("") == {}
    assert read("DeadlineSeconds=600  AlarmEmail='me@example.com' BusLogs=") == {
        "DeadlineSeconds": "600",
        "AlarmEmail": "me@example.com",
        "BusLogs": "",
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("DeadlineSeconds 600", r"'DeadlineSeconds' is no parameter: write PARAMETERS=\"DeadlineSeconds=600 "),
        ("AlarmEmail='me", "cannot be read: No closing quotation"),
        ("Stage=prod", "Stage is not set by PARAMETERS: it follows from STAGE="),
        ("PythonRuntime=python3.13", "PythonRuntime is not set by PARAMETERS: it follows from the Python that make"),
    ],
)
def test_what_cannot_be_read_or_follows_from_something_else_is_refused(text: str, said: str) -> None:
    with pytest.raises(ProblemError, match=said):
        read(text)


def test_a_stage_that_samconfig_does_not_name_is_deployed_as_dev_is() -> None:
    assert [stage.config_env for stage in (DEV, PROD, STAGING)] == ["dev", "prod", "dev"]


@pytest.mark.parametrize("stage", ["Prod", "a", "pre-prod", "default", "1st", "ein-langer-name"])
def test_a_name_that_no_stage_can_have_is_refused_in_one_line(stage: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STAGE", stage)
    with pytest.raises(ProblemError, match=f"^STAGE cannot be '{stage}', as the shell has it.+$"):
        Target.from_environment()
