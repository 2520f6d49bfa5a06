"""What examples/loyalty relies on is in the published contract, and its role allows what it does and no more."""

import importlib.util
import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

import boto3
import pytest
from moto import mock_aws

from tests.contract.contracts_validation import SCHEMAS, faults
from tests.contract.template import ROOT
from tools.base.cloudformation import parse_template

EXAMPLE = ROOT / "examples" / "loyalty"
RESOURCES: dict[str, Any] = parse_template((EXAMPLE / "template.yaml").read_text())["Resources"]
SCHEMA = SCHEMAS["ShippingScheduled"]
READ = ("eventId", "customerId", "amount")
Award = Callable[[dict[str, Any]], None]


@pytest.fixture
def points(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The table of points, by the example's own definition."""
    monkeypatch.setenv("POINTS_TABLE_NAME", "points")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        made = RESOURCES["PointsTable"]["Properties"]
        shape = {name: made[name] for name in ("BillingMode", "AttributeDefinitions", "KeySchema")}
        yield boto3.resource("dynamodb").create_table(TableName="points", **shape)


@pytest.fixture
def award(points: Any) -> Award:  # noqa: ARG001  it has to be there
    specification = importlib.util.spec_from_file_location("award_points", EXAMPLE / "src" / "award_points.py")
    assert specification
    assert specification.loader
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return lambda detail: module.handler({"detail": detail}, None)


def points_of(points: Any, customer_id: str) -> int:
    return int(points.get_item(Key={"id": f"customer#{customer_id}"})["Item"]["points"])


def test_the_rule_selects_the_published_event() -> None:
    rule = RESOURCES["AwardPoints"]["Properties"]["Events"]["ShippingScheduled"]["Properties"]
    assert rule["Pattern"] == {"source": ["order-saga"], "detail-type": [SCHEMA["title"]]}
    assert {"RetryPolicy", "DeadLetterConfig"} <= rule.keys()


def test_the_published_schema_has_what_the_function_reads(award: Award) -> None:
    (example,) = SCHEMA["examples"]
    assert set(READ) <= SCHEMA["properties"].keys()
    least = {name: example[name] for name in READ}
    award(least)
    assert faults(SCHEMA, example) == []


def test_the_same_event_awards_points_once_and_another_adds_its_own(award: Award, points: Any) -> None:
    (example,) = SCHEMA["examples"]
    another = deepcopy(example) | {"eventId": "9b2b2f3e-0000-5000-8000-000000000000", "amount": 199}
    for detail in (example, example, another, example):
        award(detail)
    assert points_of(points, example["customerId"]) == example["amount"] // 100 + 1


def test_the_role_allows_what_the_function_does_and_nothing_else() -> None:
    (policy,) = RESOURCES["AwardPointsRole"]["Properties"]["Policies"]
    allowed = {json.dumps(each["Resource"]): each["Action"] for each in policy["PolicyDocument"]["Statement"]}
    assert sorted(allowed.values(), key=str) == sorted(
        [
            ["dynamodb:PutItem", "dynamodb:UpdateItem"],
            "sqs:SendMessage",
            ["logs:CreateLogStream", "logs:PutLogEvents"],
        ],
        key=str,
    )
    assert not any("*" in resource for resource in allowed)
