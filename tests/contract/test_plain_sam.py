"""What plain `sam` and `samlocal` find in samconfig.toml, and in the files that it names."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from botocore.session import Session
from samcli.cli.types import CfnParameterOverridesType

from tests.contract.template import FUNCTIONS, RESOURCES, ROOT, TEMPLATE
from tools.base.target import EMULATOR_REGION, Target
from tools.deploying import plain_sam
from tools.deploying.build import parameters

CONFIG: dict[str, Any] = tomllib.loads((ROOT / "samconfig.toml").read_text())
DEFAULT: dict[str, dict[str, Any]] = {command: of["parameters"] for command, of in CONFIG["default"].items()}
TARGET = Target(stage="local", endpoint="http://127.0.0.1:4577", region=EMULATOR_REGION, stack_name="order-saga-local")
LOCAL = [command for command in DEFAULT if command.startswith("local_")]


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of somebody who has typed `make up`."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(plain_sam, "FOLDER", tmp_path / plain_sam.FOLDER.relative_to(ROOT))
    plain_sam.write(TARGET)
    return tmp_path


def parameters_of(command: str) -> dict[str, str]:
    """Return the parameters that SAM reads from the files that are named for a command."""
    named = DEFAULT[command].get("parameter_overrides", DEFAULT["global"]["parameter_overrides"])
    read: dict[str, str] = CfnParameterOverridesType().convert(named, None, None)
    return read


def test_without_an_environment_sam_works_in_a_region_that_aws_does_not_have() -> None:
    session = Session()
    regions = {
        region
        for partition in session.get_available_partitions()
        for region in session.get_available_regions("cloudformation", partition, allow_non_regional=True)
    }
    assert DEFAULT["global"]["region"] == EMULATOR_REGION
    assert "us-east-1" in regions
    assert EMULATOR_REGION not in regions
    elsewhere = {command: of["region"] for command, of in DEFAULT.items() if "region" in of and command != "global"}
    assert elsewhere == {"validate": "us-east-1"}, "validate calls nothing; any other command might"


def test_the_stacks_on_aws_have_other_names_and_say_no_region() -> None:
    others = {name: of["global"]["parameters"] for name, of in CONFIG.items() if name not in {"version", "default"}}
    assert {"dev", "prod"} <= set(others)
    assert DEFAULT["global"]["stack_name"] not in {of["stack_name"] for of in others.values()}
    assert all("region" not in of for of in others.values())


def test_git_ignores_what_follows_from_the_machine() -> None:
    ignored = (ROOT / ".gitignore").read_text().splitlines()
    assert f"{plain_sam.FOLDER.relative_to(ROOT).parts[0]}/" in ignored


def test_each_command_is_given_parameters_that_the_template_has(written: Path) -> None:
    assert (written / ".local").is_dir()
    for command in DEFAULT:
        given = {name for name in parameters_of(command) if not name.startswith("AWS::")}
        assert given <= set(TEMPLATE["Parameters"])
    assert parameters_of("deploy") == parameters(TARGET)


@pytest.mark.parametrize("command", LOCAL)
def test_a_container_is_told_of_the_emulator_alone(written: Path, command: str) -> None:
    variables = json.loads((written / DEFAULT[command]["env_vars"]).read_text())
    endpoint = "http://host.docker.internal:4577"
    assert parameters_of(command)["AwsEndpointUrl"] == endpoint
    assert set(variables) == set(FUNCTIONS)
    assert {of["AWS_ENDPOINT_URL"] for of in variables.values()} == {endpoint}
    assert DEFAULT[command]["add_host"].startswith("host.docker.internal:")


@pytest.mark.parametrize("command", LOCAL)
def test_a_container_is_told_the_names_of_what_the_deployed_function_uses(written: Path, command: str) -> None:
    variables = json.loads((written / DEFAULT[command]["env_vars"]).read_text())
    common = TEMPLATE["Globals"]["Function"]["Environment"]["Variables"]
    for function, properties in FUNCTIONS.items():
        declared = common | properties.get("Environment", {}).get("Variables", {})
        of_resources = {name for name, value in declared.items() if reference(value) in RESOURCES}
        assert "RECORDS_TABLE_NAME" in of_resources
        assert variables[function].keys() == of_resources | {"AWS_ENDPOINT_URL"}
    assert variables["CreateOrder"] == {
        "AWS_ENDPOINT_URL": "http://host.docker.internal:4577",
        "EVENT_BUS_NAME": "order-saga-local-orders",
        "RECORDS_TABLE_NAME": "order-saga-local-orders",
        "INVENTORY_TABLE_NAME": "order-saga-local-inventory",
    }


def reference(value: object) -> object:
    return value.get("Ref") if isinstance(value, dict) else None


def test_only_on_an_emulator_are_tables_named_in_the_template() -> None:
    for name, resource in RESOURCES.items():
        if resource["Type"] == "AWS::DynamoDB::Table":
            condition, _, otherwise = resource["Properties"]["TableName"]["Fn::If"]
            assert (name, condition, otherwise) == (name, "IsLocal", {"Ref": "AWS::NoValue"})
