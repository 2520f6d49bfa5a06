"""The AWS clients: when they are made, and of which services."""

import pytest
from botocore.exceptions import UnknownServiceError
from botocore.loaders import Loader

from saga import aws


def test_in_lambda_a_client_is_made_before_there_is_an_event(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    aws.make_at_start(lambda: made.append("here"))
    assert made == []
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "ReserveInventory")
    aws.make_at_start(lambda: made.append("in Lambda"))
    assert made == ["in Lambda"]


def test_a_client_of_any_service_is_made_without_searching_all_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Loader, "list_available_services", lambda *_: pytest.fail("all services were searched"))
    assert [aws.client(service).meta.service_model.service_name for service in ("sqs", "ssm")] == ["sqs", "ssm"]


def test_a_service_that_does_not_exist_is_refused_with_the_names_of_those_that_do() -> None:
    with pytest.raises(UnknownServiceError, match=r"'sqss'.* dynamodb, .* sqs, "):
        aws.client("sqss")
