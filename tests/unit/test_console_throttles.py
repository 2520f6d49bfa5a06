"""The console tells which functions Lambda throttled, each minute once."""

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

import boto3
import pytest
from moto import mock_aws

from saga import clock
from tests.virtual_clock import VirtualClock
from tools.console import throttles
from tools.console.throttles import Throttled, Throttles

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient

NAMES = {"stack-ChargePayment-1a": "ChargePayment", "stack-CreateOrder-2b": "CreateOrder"}


@pytest.fixture
def cloudwatch() -> "Iterator[CloudWatchClient]":
    with mock_aws():
        yield boto3.client("cloudwatch", region_name="eu-central-1")


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> VirtualClock:
    stopped = VirtualClock(clock.now().replace(second=30, microsecond=0))
    monkeypatch.setattr(throttles, "now", lambda: stopped.time)
    return stopped


def throttle(cloudwatch: "CloudWatchClient", time: VirtualClock, function: str, times: int, ago: timedelta) -> None:
    """Have Lambda report that it throttled a function."""
    dimensions = [{"Name": "FunctionName", "Value": function}]
    cloudwatch.put_metric_data(
        Namespace="AWS/Lambda",
        MetricData=[
            {"MetricName": "Throttles", "Dimensions": dimensions, "Timestamp": time.time - ago, "Value": times}  # type: ignore[typeddict-item]
        ],
    )


def test_a_throttled_function_is_told_by_its_name_in_the_template_once(
    cloudwatch: "CloudWatchClient", time: VirtualClock
) -> None:
    throttle(cloudwatch, time, "stack-ChargePayment-1a", 7, timedelta(seconds=90))
    throttle(cloudwatch, time, "stack-CreateOrder-2b", 0, timedelta(seconds=90))
    throttle(cloudwatch, time, "of-another-stack", 5, timedelta(seconds=90))
    asking = Throttles()
    assert list(asking.since_last_asked(cloudwatch, NAMES)) == [Throttled("ChargePayment", 7)]
    time.advance(minutes=1)
    assert list(asking.since_last_asked(cloudwatch, NAMES)) == []
    throttle(cloudwatch, time, "stack-CreateOrder-2b", 3, timedelta(seconds=70))
    time.advance(minutes=1)
    assert list(asking.since_last_asked(cloudwatch, NAMES)) == [Throttled("CreateOrder", 3)]


def test_cloudwatch_is_asked_once_a_minute(cloudwatch: "CloudWatchClient", time: VirtualClock) -> None:
    asking = Throttles()
    assert list(asking.since_last_asked(cloudwatch, NAMES)) == []
    throttle(cloudwatch, time, "stack-ChargePayment-1a", 7, timedelta(seconds=70))
    time.advance(seconds=59)
    assert list(asking.since_last_asked(cloudwatch, NAMES)) == []
    time.advance(seconds=1)
    assert list(asking.since_last_asked(cloudwatch, NAMES)) == [Throttled("ChargePayment", 7)]
