"""What a replay asks of EventBridge, and what it says to whoever starts one."""

from datetime import timedelta
from typing import Any

import pytest
from botocore.client import BaseClient

from saga.clock import now
from tools.base.problem import ProblemError
from tools.base.stack import Stack
from tools.base.target import Backend, Target
from tools.operating.replay import replay

TARGET = Target(stage="dev", endpoint=None, region="us-east-1", stack_name="order-saga-dev")
RULES = "arn:aws:events:us-east-1:123456789012:rule/order-saga-dev-orders"
ANSWERS: dict[str, Any] = {
    "DescribeEventBus": {"Arn": "the-bus"},
    "ListStackResources": {
        "StackResourceSummaries": [
            {"ResourceType": "AWS::Events::Rule", "PhysicalResourceId": "order-saga-dev-orders|ours"},
            {"ResourceType": "AWS::Events::Rule", "PhysicalResourceId": "the-schedule"},
            {"ResourceType": "AWS::SQS::Queue", "PhysicalResourceId": "theirs"},
        ]
    },
    "ListRules": {"Rules": [{"Name": name, "Arn": f"{RULES}/{name}"} for name in ("ours", "theirs")]},
    "StartReplay": {},
    "DescribeReplay": {"State": "COMPLETED"},
}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What each call was given."""
    given: dict[str, Any] = {}

    def call(_: BaseClient, operation: str, words: dict[str, Any]) -> Any:
        given[operation] = words
        return ANSWERS[operation]

    monkeypatch.setattr(BaseClient, "_make_api_call", call)
    return given


def stack(**outputs: str) -> Stack:
    return Stack(TARGET, {"EventBusName": "order-saga-dev-orders", **outputs})


def test_it_goes_from_the_archive_to_the_rules_that_the_stack_has_on_its_bus(asked: dict[str, Any]) -> None:
    assert replay(stack(EventArchiveArn="the-archive"), now() - timedelta(hours=2), now() - timedelta(hours=1))
    assert asked["StartReplay"]["EventSourceArn"] == "the-archive"
    assert asked["StartReplay"]["Destination"] == {"Arn": "the-bus", "FilterArns": [f"{RULES}/ours"]}


@pytest.mark.parametrize(("minutes", "warned"), [(9, True), (11, False)])
@pytest.mark.usefixtures("asked")
def test_it_warns_of_events_that_may_not_have_reached_the_archive(
    minutes: int,
    warned: bool,  # noqa: FBT001  a table's column
    capsys: pytest.CaptureFixture[str],
) -> None:
    replay(stack(EventArchiveArn="the-archive"), now() - timedelta(hours=1), now() - timedelta(minutes=minutes))
    said = "! events take up to 10 minutes to reach the archive: the last ones may be missed\n"
    assert capsys.readouterr().err == (said if warned else "")


@pytest.mark.usefixtures("asked")
def test_a_stack_without_an_archive_is_one_line() -> None:
    with pytest.raises(ProblemError, match="has no archive: it gets one with `make deploy`"):
        replay(stack(), now() - timedelta(hours=1), now())


@pytest.mark.usefixtures("asked")
def test_a_backend_that_cannot_replay_is_one_line() -> None:
    localstack = TARGET.model_copy(update={"endpoint": "http://127.0.0.1:4566", "backend": Backend.LOCALSTACK})
    with pytest.raises(ProblemError, match="LocalStack cannot replay: its StartReplay fails once"):
        replay(Stack(localstack, {}), now() - timedelta(hours=1), now())


@pytest.mark.usefixtures("asked")
def test_a_time_that_ends_before_it_begins_is_one_line() -> None:
    with pytest.raises(ProblemError, match="FROM comes before TO"):
        replay(stack(EventArchiveArn="the-archive"), now(), now() - timedelta(hours=1))
