"""The AWS clients: when they are made, and of which services."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import botocore
import pytest
from botocore.exceptions import UnknownServiceError
from botocore.loaders import JSONFileLoader, Loader

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


@pytest.mark.parametrize("name", ["endpoints", "partitions", "sqs/2012-11-05/service-2", "there/is/no/such"])
def test_what_botocore_reads_is_read_the_same(name: str) -> None:
    path = str(Path(Loader.BUILTIN_DATA_PATH) / name)
    assert aws.PlainFiles().load_file(path) == JSONFileLoader().load_file(path)


@pytest.mark.parametrize(("client", "service"), [(aws.dynamodb, "dynamodb"), (aws.events, "events")])
def test_a_client_is_made_once_and_tries_as_long_as_is_promised(client: Callable[[], Any], service: str) -> None:
    made, asked = client(), vars(aws.CONFIG)
    assert client() is made
    assert made.meta.service_model.service_name == service
    config = made.meta.config
    assert (config.connect_timeout, config.read_timeout) == (1, 2)
    assert config.retries == {"mode": "standard", "total_max_attempts": 3}
    # botocore tells of itself that it checks parameters, whether it does or not.
    assert (config.tcp_keepalive, asked["_user_provided_options"]["parameter_validation"]) == (True, False)
    caller = f"saga Boto3/{boto3.__version__} Botocore/{botocore.__version__}"
    assert (asked["_user_provided_options"]["user_agent"], config.user_agent[: len(caller)]) == (caller, caller)
