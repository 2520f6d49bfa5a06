"""What keeps prod from going by accident."""

from pathlib import Path

import pytest

from tests.contract.template import RESOURCES
from tests.unit.built import build_into
from tools.base.problem import ProblemError
from tools.base.target import Target
from tools.deploying import deploy as deploying
from tools.deploying import parameters
from tools.deploying.protect import stack_policy
from tools.deploying.sync import sync
from tools.deploying.tear_down import take_down

PROD = Target(stage="prod", endpoint=None, region="us-east-1", stack_name="order-saga-prod")
DEV = Target(stage="dev", endpoint=None, region="us-east-1", stack_name="order-saga-dev")


def test_what_the_policy_protects_is_what_holds_data() -> None:
    stateful = {"AWS::DynamoDB::Table", "AWS::SQS::Queue", "AWS::Logs::LogGroup", "AWS::Events::EventBus"}
    held = {f"LogicalResourceId/{name}" for name, resource in RESOURCES.items() if resource["Type"] in stateful}
    allowed, denied = stack_policy()["Statement"]
    assert held >= {"LogicalResourceId/OrdersTable", "LogicalResourceId/DeadLetterQueue"}
    assert set(denied["Resource"]) == held
    assert (denied["Effect"], denied["Action"]) == ("Deny", ["Update:Replace", "Update:Delete"])
    assert (allowed["Effect"], allowed["Action"]) == ("Allow", "Update:*")


@pytest.mark.parametrize("confirmed", ["", "order-saga-dev", "yes"])
def test_nothing_is_taken_down_without_its_name(confirmed: str) -> None:
    with pytest.raises(ProblemError, match="CONFIRM=order-saga-prod"):
        take_down(PROD, confirmed)


@pytest.mark.parametrize(("target", "protected"), [(PROD, [PROD]), (DEV, [])], ids=["prod", "dev"])
def test_a_deployment_protects_prod_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, target: Target, protected: list[Target]
) -> None:
    called: list[Target] = []
    build_into(tmp_path)
    monkeypatch.setattr(parameters, "set_before", lambda _target: {})
    monkeypatch.setattr(deploying, "make_ready", lambda _target: None)
    monkeypatch.setattr(deploying, "BUILD", tmp_path)
    monkeypatch.setattr(deploying, "run_sam", lambda *_words, **_options: None)
    monkeypatch.setattr(deploying, "protect", called.append)
    deploying.deploy(target)
    assert called == protected


@pytest.mark.parametrize(("target", "gradual"), [(PROD, "true"), (DEV, "false")], ids=["prod", "dev"])
def test_prod_is_shifted_bit_by_bit_and_dev_at_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, target: Target, gradual: str
) -> None:
    words: list[str] = []
    build_into(tmp_path)
    monkeypatch.setattr(deploying, "BUILD", tmp_path)
    monkeypatch.setattr(parameters, "set_before", lambda _target: {})
    monkeypatch.setattr(deploying, "make_ready", lambda _target: None)
    monkeypatch.setattr(deploying, "run_sam", lambda *said, **_options: words.extend(map(str, said)))
    monkeypatch.setattr(deploying, "protect", lambda _target: None)
    deploying.deploy(target)
    assert f'GradualDeployments="{gradual}"' in words


def test_prod_is_not_synced() -> None:
    with pytest.raises(ProblemError, match="prod is not synced: use STAGE=dev"):
        sync(PROD)
