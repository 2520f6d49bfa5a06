"""Nothing is written to prod unless somebody typed its stack's name; whatever the command."""

import re
import subprocess
from typing import Any

import httpx
import pytest
from botocore.client import BaseClient
from botocore.model import OperationModel

from tests.slow import slow_but_for
from tests.unit.test_errors_of_aws import BY_SAM, CALLING_AWS
from tools.__main__ import app
from tools.base import command, settings
from tools.base.clients import READING
from tools.base.problem import ProblemError
from tools.base.stack import Stack
from tools.base.target import Target

NAME = "order-saga-prod"
READS = {"build", "dlq", "drained", "logs", "orders", "parameters", "reconcile", "stock", "trace"}
READS |= {f"{name} as a dry run" for name in ("redrive", "purge", "give-up", "hold", "release")}
REFUSED = {
    "destroy": rf"this deletes {NAME} at AWS with all its records: to confirm, add CONFIRM={NAME}",
    "debug": "functions of AWS do not run on this machine",
    "example-loyalty": "this is for an emulator",
    "invoke": "STAGE=prod is on AWS, where a container of this machine has no role",
    "start-api": "STAGE=prod is on AWS, where a container of this machine has no role",
    "sync": "prod is not synced",
}
ASKS = rf"this [a-z ]+ {NAME}: to confirm, add CONFIRM={NAME}"
ARGUMENTS = {
    **CALLING_AWS,
    **dict.fromkeys(BY_SAM, ()),
    "stock": [],
    "stock and fill": ["--fill"],
    "redrive as a dry run": ["--dry-run"],
    "purge as a dry run": ["--dry-run"],
    "give-up as a dry run": ["--status", "CREATED", "--why", "no more"],
    "hold as a dry run": ["--status", "CREATED", "--why", "to look at them"],
    "release as a dry run": ["--status", "CREATED"],
}
OUTPUTS = ("ApiId", "ApiUrl", "EventBusName", "OrdersTableName", "InventoryTableName", "DeadLetterQueueUrl")


class Prod:
    """An AWS that answers nothing of use, and keeps what it was asked to write."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.written: list[str] = []
        monkeypatch.setattr(BaseClient, "_make_request", self._called)
        monkeypatch.setattr(httpx, "request", lambda method, *_, **__: self.written.append(method))
        monkeypatch.setattr(subprocess.Popen, "__init__", self._started)
        monkeypatch.setattr(
            Stack, "of", lambda target: Stack(target, dict.fromkeys(OUTPUTS, "x"), {"DeadlineSeconds": "1"})
        )

    def _started(self, _process: object, words: object, *_: object, **__: object) -> None:
        self.written.append(str(words))
        raise ProblemError("no program is run here")

    def _called(self, operation: OperationModel, *_: Any) -> Any:
        if not READING.match(operation.name):
            self.written.append(operation.name)
        raise ProblemError("it is prod, and asked for no more than this")


@pytest.fixture
def prod(monkeypatch: pytest.MonkeyPatch) -> Prod:
    return Prod(monkeypatch)


@pytest.mark.parametrize("confirmed", slow_but_for(["order-saga-dev", "prod", "", "yes"]))
@pytest.mark.parametrize("name", sorted(ARGUMENTS))
def test_nothing_is_written_without_its_name(
    name: str, confirmed: str, prod: Prod, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    typed = {"STAGE": "prod", "AWS_REGION": "eu-central-1", "CONFIRM": confirmed}
    monkeypatch.setattr(settings, "_adopted", [settings.read(typed)])
    monkeypatch.setattr("tools.deploying.build.build", lambda _target: False)
    with pytest.raises(SystemExit) as ended:
        command.run(lambda: app([name.partition(" ")[0], *ARGUMENTS[name]], standalone_mode=False))
    said = capsys.readouterr().err
    assert prod.written == []
    if name in READS:
        assert "to confirm" not in said
    else:
        assert ended.value.code == 1
        assert re.match(f"✘ {REFUSED.get(name, ASKS)}", said)


@pytest.mark.parametrize("name", sorted(ARGUMENTS.keys() - READS - REFUSED.keys()))
def test_with_its_name_a_command_goes_on(
    name: str, prod: Prod, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    typed = {"STAGE": "prod", "AWS_REGION": "eu-central-1", "CONFIRM": NAME}
    monkeypatch.setattr(settings, "_adopted", [settings.read(typed)])
    with pytest.raises(SystemExit):
        command.run(lambda: app([name.partition(" ")[0], *ARGUMENTS[name]], standalone_mode=False))
    assert prod is not None
    assert "to confirm" not in capsys.readouterr().err


@pytest.mark.parametrize("stage", ["prod", "dev"])
def test_the_clients_themselves_refuse_to_write_to_prod_unconfirmed(stage: str, prod: Prod) -> None:
    target = Target(stage=stage, endpoint=None, region="eu-central-1", stack_name=f"order-saga-{stage}")
    with pytest.raises(ProblemError) as problem:
        target.client("events").put_rule(Name="rule")
    assert prod.written == ([] if stage == "prod" else ["PutRule"])
    assert ("to confirm" in str(problem.value)) is (stage == "prod")
    with pytest.raises(ProblemError, match="no more than this"):
        target.client("events").list_rules()
    with pytest.raises(ProblemError, match="to confirm" if stage == "prod" else "no more than this"):
        target.client.resource("dynamodb").Table("t").put_item(Item={"a": "b"})
