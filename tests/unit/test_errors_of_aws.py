"""What goes wrong on the way to AWS is one line and exit status 1, whatever the command."""

import re
from collections.abc import Callable, Iterator
from functools import partial
from io import BytesIO
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.client import BaseClient
from botocore.compat import HTTPHeaders
from botocore.exceptions import ClientError
from moto import mock_aws
from typer.core import TyperGroup
from typer.main import get_command

from tests.slow import slow_but_for
from tools.__main__ import app
from tools.base import command, settings
from tools.base.problem import ProblemError
from tools.base.stack import Stack
from tools.base.target import Target
from tools.operating.publishing import publish

ORDER_ID = "3f2b8c1e-0000-4000-8000-000000000001"
CALLING_AWS = {
    "debug": ["--function", "ChargePayment"],
    "deploy": [],
    "destroy": [],
    "dlq": [],
    "invoke": ["--event", "OrderCreated"],
    "invoke-remote": ["--event", "OrderCreated"],
    "load": ["--minutes", "0.02"],
    "logs": [],
    "order": [],
    "orders": [],
    "parameters": [],
    "poison": [],
    "recover": [],
    "redrive": [],
    "purge": [],
    "reconcile": ["--from", "2026-01-31T09:00:00Z", "--to", "2026-01-31T10:00:00Z"],
    "drained": ["--event", "OrderCreated"],
    "cancel": [ORDER_ID],
    "example-loyalty": [],
    "trigger-cancel": [],
    "give-up": [ORDER_ID, "--why", "no more"],
    "hold": [ORDER_ID, "--why", "to look at it"],
    "release": [ORDER_ID],
    "replay": ["--from", "2026-01-31T09:00:00Z", "--to", "2026-01-31T10:00:00Z"],
    "sample": ["OrderCreated"],
    "start-api": [],
    "stock": ["--fill"],
    "trace": [ORDER_ID],
    "trigger": ["happy"],
    "watch": [],
}
"""Every command that calls AWS itself, with arguments."""
SOME = 8
"""Commands that are tried in each `make test`; the others are slow, for there are so many."""
BY_SAM = {"build", "demo", "sync"}
OFFLINE = {"check", "configure-sam", "cost", "doctor", "down", "flow", "generate", "rename", "settings", "up"}
RUNS_PROGRAMS = {"mutants", "audit", "bench", "format", "lint", "lock", "outage"}
RUNS_PROGRAMS |= {"test", "test-backend", "test-docker", "test-shells"}
GOES_ON = {"console"}
"""It tells its pages what AWS says, and tries again."""
ON_THIS_MACHINE = {"debug", "invoke", "start-api"}
"""For these a stage on AWS is none."""

NEVER_MADE = "run `make deploy STAGE=dev`, or `make destroy STAGE=dev CONFIRM=order-saga-dev` to be rid of it"

DELETE_AGAIN = "run `make destroy STAGE=dev CONFIRM=order-saga-dev` again: it says what cannot be deleted"

Run = Callable[..., str]


class Answer(BytesIO):
    """The body of an answer, as urllib3 has it."""

    def stream(self) -> Iterator[bytes]:
        """Yield all of it."""
        yield self.read()


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command with some settings, and return what it wrote to standard error when it exited with 1."""

    def run(name: str, **typed: str) -> str:
        confirmed = {"CONFIRM": f"order-saga-{typed.get('STAGE', 'local')}"}
        monkeypatch.setattr(settings, "_adopted", [settings.read(confirmed | typed)])
        with pytest.raises(SystemExit) as ended:
            command.run(partial(app, [name, *CALLING_AWS[name]]))
        assert ended.value.code == 1
        return capsys.readouterr().err

    return run


def test_each_command_is_among_those_that_are_tried_or_calls_no_aws() -> None:
    group = get_command(app)
    assert isinstance(group, TyperGroup)
    assert set(group.commands) == {*CALLING_AWS, *BY_SAM, *OFFLINE, *RUNS_PROGRAMS, *GOES_ON}


@pytest.mark.parametrize("name", slow_but_for(sorted(CALLING_AWS), quick=SOME))
def test_an_emulator_that_is_not_there_is_one_line(name: str, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr("socket.socket.connect", refuse)
    monkeypatch.setattr("tools.base.clients.ATTEMPTS", 1)
    said = run(name, PORT="1")
    assert said == "✘ nothing answers at http://127.0.0.1:1: start it with `make up`\n"


@pytest.mark.parametrize("name", slow_but_for(sorted(CALLING_AWS.keys() - ON_THIS_MACHINE), quick=SOME))
@pytest.mark.parametrize(
    ("status", "body"),
    [
        (404, "<!DOCTYPE html><html><meta></html>"),
        pytest.param(200, "hello", marks=pytest.mark.slow),
    ],
)
def test_another_program_at_the_emulators_port_is_one_line(
    name: str, status: int, body: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "botocore.httpsession.URLLib3Session.send",
        lambda _, request: AWSResponse(request.url, status, HTTPHeaders(), Answer(body.encode())),
    )
    assert run(name, PORT="1") == (
        "✘ what answers at http://127.0.0.1:1 is no emulator: stop it, or choose another port, as in PORT=4570, and "
        "`make up`\n"
    )


@pytest.mark.parametrize("name", slow_but_for(sorted(CALLING_AWS.keys() - {"deploy", *ON_THIS_MACHINE}), quick=SOME))
def test_a_stack_that_is_not_deployed_is_one_line(name: str, run: Run) -> None:
    with mock_aws():
        said = run(name, STAGE="dev", AWS_REGION="us-east-1")
    assert said.startswith("✘ the stack order-saga-dev is not deployed at AWS")
    assert said.count("\n") == 1


@pytest.mark.parametrize(
    "name", slow_but_for(sorted(CALLING_AWS.keys() - {"deploy", "destroy", *ON_THIS_MACHINE}), quick=SOME)
)
@pytest.mark.parametrize(
    ("state", "mend"),
    [
        ("ROLLBACK_COMPLETE", NEVER_MADE),
        *(
            pytest.param(*state, marks=pytest.mark.slow)
            for state in (
                ("CREATE_FAILED", NEVER_MADE),
                ("REVIEW_IN_PROGRESS", NEVER_MADE),
                ("DELETE_FAILED", DELETE_AGAIN),
                ("CREATE_IN_PROGRESS", "wait until that is complete"),
            )
        ),
    ],
)
def test_a_stack_without_outputs_is_one_line_that_names_its_state(
    name: str, state: str, mend: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(BaseClient, "_make_api_call", only_described(state))
    said = run(name, AWS_REGION="us-east-1", STAGE="dev")
    assert said == f"✘ the stack order-saga-dev is {state} and has no outputs: {mend}\n"


def test_an_output_that_the_stack_does_not_have_is_a_problem_that_names_it() -> None:
    target = Target(stage="dev", endpoint=None, region="us-east-1", stack_name="order-saga-dev")
    with pytest.raises(ProblemError) as problem:
        Stack(target, {"ApiId": "a"}, state="UPDATE_COMPLETE").output("ApiUrl")
    assert str(problem.value) == (
        "the stack order-saga-dev is UPDATE_COMPLETE and has no output ApiUrl: run `make deploy STAGE=dev`"
    )


@pytest.mark.parametrize("name", ["dlq", "poison", "redrive", "recover", "stock", "watch", "orders", "trace"])
def test_a_call_that_aws_refuses_is_one_line(name: str, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(BaseClient, "_make_api_call", only_described("CREATE_COMPLETE", outputs=True))
    said = run(name, STAGE="dev", AWS_REGION="us-east-1")
    assert said.startswith("✘ ")
    assert "AWS refused: An error occurred (AccessDenied)" in said or "may be left" in said
    assert said.count("\n") == 1


def test_a_bug_is_one_line_that_says_where_it_is_and_how_to_see_more(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = partial(dict[str, str]().__getitem__, "key")
    with pytest.raises(SystemExit) as ended:
        command.run(broken)
    assert ended.value.code == 1
    said = capsys.readouterr().err
    assert re.fullmatch(r"✘ unexpected KeyError at \w+\.py:\d+: 'key'; .* DEBUG=yes shows more\n", said)
    monkeypatch.setattr(settings, "_adopted", [settings.read({"DEBUG": "yes"})])
    with pytest.raises(KeyError):
        command.run(broken)


def test_an_event_that_eventbridge_refuses_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    refused = {"ErrorCode": "InternalFailure", "ErrorMessage": "try again"}
    monkeypatch.setattr(
        BaseClient, "_make_api_call", lambda *_: {"FailedEntryCount": 1, "Entries": [refused]}, raising=True
    )
    target = Target(stage="dev", endpoint=None, region="us-east-1", stack_name="order-saga-dev")
    with pytest.raises(ProblemError) as problem:
        publish(Stack(target, {"EventBusName": "bus"}), "OrderCreated", "{}")
    assert str(problem.value) == "EventBridge did not publish OrderCreated: InternalFailure: try again"


def only_described(state: str, *, outputs: bool = False) -> Callable[..., Any]:
    """Return an AWS that describes the stack and refuses every other call, with a message of two lines."""
    names = ("ApiId", "ApiUrl", "EventBusName", "OrdersTableName", "InventoryTableName", "DeadLetterQueueUrl")
    described = {
        "StackStatus": state,
        # LocalStack lists the outputs of a stack that failed, without their values.
        "Outputs": [{"OutputKey": name} | ({"OutputValue": f"the-{name}"} if outputs else {}) for name in names],
    }

    def call(_: BaseClient, operation: str, __: dict[str, Any]) -> Any:
        if operation == "DescribeStacks":
            return {"Stacks": [described]}
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "you may\nnot"}}, operation)

    return call
