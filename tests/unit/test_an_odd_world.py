"""Whatever a stack holds, a command prints it, or says in one line what is wrong; nothing of it is obeyed."""

import json
import re
from collections.abc import Callable
from functools import cache
from io import BytesIO
from typing import Any

import pytest
from boto3 import Session
from botocore.client import BaseClient
from hypothesis import HealthCheck, example, given
from hypothesis import settings as search
from hypothesis import strategies as st

from saga.table import to_item
from tools.__main__ import app
from tools.base import command, settings
from tools.base.clients import Clients
from tools.base.console import SafeConsole, harmless, styled

ORDER_ID = "3f2b8c1e-0000-4000-8000-000000000001"
COMMANDS = {
    "stock": [],
    "orders": [],
    "orders as JSON": ["--json"],
    "trace": [ORDER_ID],
    "trace as JSON": [ORDER_ID, "--json"],
    "logs": [],
    "logs of one": [ORDER_ID],
    "dlq": [],
    "redrive": [],
    "purge": [],
    "release": [ORDER_ID],
    "recover": [],
}
NASTY = ["[/x]", "[bold]", "\x1b[31mred\x1b[0m", "\r\n", "\x07", "\u202e", "{}", "%s", "\\", "☃ größer", "[link=x]"]
TEXTS = st.one_of(st.sampled_from(NASTY), st.text(st.characters(exclude_categories=["Cs"]), max_size=12))
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(10**12), 10**12), TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(TEXTS, inner, max_size=2)),
    max_leaves=4,
)


def objects(**plausible: Any) -> st.SearchStrategy[dict[str, Any]]:
    """Draw objects that have some of these fields, some of them as they should be."""
    fields = {name: st.one_of(st.just(value), VALUES) for name, value in plausible.items()}
    return st.fixed_dictionaries({}, optional=fields)


AT = "2026-01-31T09:00:00.000Z"
RECORD: dict[str, Any] = {
    "status": "PAYMENT_CHARGED",
    "createdAt": AT,
    "updatedAt": AT,
    "history": [{"status": "CREATED", "at": AT}],
    "failureReason": "x",
}
RECORDS = objects(**RECORD)
LINES = objects(
    level="INFO",
    timestamp=AT,
    service="orders",
    message="step",
    event="step",
    milliseconds=1.5,
    function_name="f",
    correlation_id=ORDER_ID,
    orderId=ORDER_ID,
    consumed="OrderCreated",
    consumedId="i",
    delivery="first",
    published="InventoryReserved",
    publishedId="j",
    replay=None,
    reason="[/x]",
    xray_trace_id="1-2-3",
    cold_start=True,
)
LETTERS = st.one_of(
    VALUES,
    objects(**{"detail-type": "OrderCreated", "detail": {"orderId": ORDER_ID}}),
    objects(
        requestPayload={"detail-type": "OrderCreated", "detail": {"orderId": ORDER_ID}},
        requestContext={"functionArn": "arn:aws:lambda:us-east-1:0:function:f", "condition": "RetriesExhausted"},
        responsePayload={"errorType": "E", "errorMessage": "[/x]"},
    ),
)


class OddWorld:
    """An AWS with one stack, in which anybody may have written anything."""

    def __init__(self, record: dict[str, Any], line: Any, letter: str, answer: bytes) -> None:
        self.record, self.line, self.letter, self.answer = {"orderId": ORDER_ID} | record, line, letter, answer
        self.letters_taken = False

    def __call__(self, _client: BaseClient, operation: str, arguments: dict[str, Any]) -> Any:
        answer = getattr(self, f"_{operation}", None)
        return answer(arguments) if answer else {}

    def _DescribeStacks(self, _: Any) -> Any:  # noqa: N802  AWS's name, as below
        names = ("ApiId", "ApiUrl", "EventBusName", "OrdersTableName", "InventoryTableName", "DeadLetterQueueUrl")
        outputs = [{"OutputKey": name, "OutputValue": f"the-{name}"} for name in names]
        parameters = [
            {"ParameterKey": name, "ParameterValue": "60"} for name in ("DeadlineSeconds", "RecoverAfterSeconds")
        ]
        return {"Stacks": [{"StackStatus": "CREATE_COMPLETE", "Outputs": outputs, "Parameters": parameters}]}

    def _DescribeStackResource(self, _: Any) -> Any:  # noqa: N802
        return {"StackResourceDetail": {"PhysicalResourceId": "physical"}}

    def _ListStackResources(self, _: Any) -> Any:  # noqa: N802
        return {"StackResourceSummaries": []}

    def _Query(self, _: Any) -> Any:  # noqa: N802
        return {"Items": [to_item({"orderId": ORDER_ID})]}

    def _GetItem(self, arguments: Any) -> Any:  # noqa: N802
        # A table's resource takes and returns plain values.
        plain = isinstance(next(iter(arguments["Key"].values())), str)
        return {"Item": self.record if plain else to_item(self.record)}

    def _BatchGetItem(self, _: Any) -> Any:  # noqa: N802
        return {"Responses": {"the-OrdersTableName": [to_item(self.record)]}, "UnprocessedKeys": {}}

    def _Scan(self, _: Any) -> Any:  # noqa: N802
        return {"Items": [{"sku": "[/x]\x1b[2J"} | self.record]}

    def _FilterLogEvents(self, _: Any) -> Any:  # noqa: N802
        return {"events": [{"message": json.dumps(self.line)}, {"message": "[/x]\x1b[2J"}]}

    def _ReceiveMessage(self, _: Any) -> Any:  # noqa: N802
        if self.letters_taken:
            return {}
        self.letters_taken = True
        return {"Messages": [{"MessageId": "m", "Body": self.letter, "ReceiptHandle": "r"}]}

    def _GetCallerIdentity(self, _: Any) -> Any:  # noqa: N802
        return {"Arn": "arn:aws:iam::0:user/[/x]"}

    def _PutEvents(self, _: Any) -> Any:  # noqa: N802
        return {"FailedEntryCount": 0, "Entries": [{"EventId": "e"}]}

    def _Invoke(self, _: Any) -> Any:  # noqa: N802
        return {"Payload": BytesIO(self.answer)}


SESSION = Session("test", "test", region_name="us-east-1")


@cache
def client(service: Any) -> Any:
    return SESSION.client(service)


@cache
def resource(service: Any) -> Any:
    return SESSION.resource(service)


WORLDS = st.builds(
    OddWorld,
    RECORDS,
    st.one_of(VALUES, LINES),
    st.one_of(LETTERS.map(json.dumps), TEXTS),
    VALUES.map(json.dumps).map(str.encode),
)


@pytest.mark.slow
@pytest.mark.parametrize("name", COMMANDS)
@given(world=WORLDS)
@example(world=OddWorld({}, {"level": "INFO", "timestamp": AT, "correlation_id": "[/x]"}, "[/x]", b"null"))
@example(world=OddWorld(RECORD, {"level": "INFO", "timestamp": AT, "correlation_id": ["x"]}, "[/x]", b"null"))
@example(world=OddWorld(RECORD | {"history": []}, None, "", b"null"))
@example(world=OddWorld({name: RECORD[name] for name in RECORD if name != "createdAt"}, None, "", b"null"))
@search(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_command_prints_it_or_says_in_one_line_what_is_wrong(
    name: str, world: OddWorld, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    world.letters_taken = False
    monkeypatch.setattr(BaseClient, "_make_api_call", lambda *words: world(*words))  # noqa: PLW0108  to bind the client
    # Made once: a client takes longer than a command.
    monkeypatch.setattr(Clients, "__call__", lambda _, service, *__: client(service))
    monkeypatch.setattr(Clients, "resource", lambda _, service: resource(service))
    monkeypatch.setattr(settings, "_adopted", [settings.read({"PORT": "1"})])
    with pytest.raises(SystemExit) as ended:
        command.run(lambda: app([name.partition(" ")[0], *COMMANDS[name]], standalone_mode=False))
    out, err = capsys.readouterr()
    assert ended.value.code in {0, 1}
    assert (ended.value.code == 1) is err.startswith("✘ ")
    assert err.count("\n") <= 1
    assert "unexpected" not in err
    if "JSON" not in name:
        assert re.findall(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", out + err) == []


def printed(show: Callable[[SafeConsole], object]) -> str:
    with BytesIO() as taken:
        from io import TextIOWrapper  # noqa: PLC0415

        file = TextIOWrapper(taken, encoding="utf-8")
        show(SafeConsole(file=file))
        file.flush()
        return taken.getvalue().decode()


@given(st.text())
def test_what_is_printed_is_what_is_said_but_for_what_a_terminal_obeys(text: str) -> None:
    shown = printed(lambda console: console.print(styled("[bold]{}[/] {}", text, 1), soft_wrap=True))
    assert shown == f"{harmless(text)} 1\n" or "\t" in text


@given(st.text(st.characters(exclude_characters="\n\t")))
def test_a_text_that_is_harmless_can_be_seen_whole(text: str) -> None:
    assert harmless(text).isprintable()
    assert harmless(harmless(text)) == harmless(text)
    if text.isprintable():
        assert harmless(text) == text
