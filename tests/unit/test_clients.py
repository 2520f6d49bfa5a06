"""The AWS clients: when they are made, and of which services."""

import pytest
from botocore.exceptions import UnknownServiceError

from saga import aws


def test_in_lambda_a_client_is_made_before_there_is_an_event(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    aws.make_at_start(lambda: made.append("here"))
    assert made == []
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "ReserveInventory")
    aws.make_at_start(lambda: made.append("in Lambda"))
    assert made == ["in Lambda"]


def test_a_client_of_another_service_is_refused_with_the_names_of_those_there_are() -> None:
    with pytest.raises(UnknownServiceError, match=r"'sqs'.*dynamodb, events"):
        aws.client("sqs")
