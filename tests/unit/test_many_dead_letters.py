"""A dead-letter queue of thousands, in which anybody may have put anything."""

import json
from itertools import count
from threading import Lock
from types import SimpleNamespace
from typing import Any, cast

import pytest

from tools.base.stack import Stack
from tools.operating import dead_letters, letter_printing
from tools.operating.dead_letters import DeadLetterQueue, Fate, Selection, Way
from tools.operating.letter_groups import DeadLetters

POISON = {"errorType": "PoisonEventError", "errorMessage": "StepTaken is malformed"}
DEEP = "[" * 100_000


class Queue:
    """A queue and a bus in memory, which take batches of ten as AWS does; there is no record of anything."""

    def __init__(self, bodies: list[str]) -> None:
        self.messages = {str(number): body for number, body in enumerate(bodies)}
        self.unseen = dict.fromkeys(self.messages, False)
        self.put_back = 0
        self._one_at_a_time = Lock()

    def receive_message(self, **_: Any) -> dict[str, Any]:
        with self._one_at_a_time:
            seen = [key for key in self.messages if not self.unseen[key]][:10]
            self.unseen.update(dict.fromkeys(seen, True))
            return {"Messages": [self._message(key) for key in seen]} if seen else {}

    def change_message_visibility_batch(self, **asked: Any) -> None:
        assert 0 < len(asked["Entries"]) <= 10
        for entry in asked["Entries"]:
            self.unseen[entry["ReceiptHandle"]] = False
            self.put_back += 1

    def delete_message_batch(self, **asked: Any) -> None:
        assert 0 < len(asked["Entries"]) <= 10
        for entry in asked["Entries"]:
            del self.messages[entry["ReceiptHandle"]]

    def get_item(self, **_: Any) -> dict[str, Any]:
        return {}

    def _message(self, key: str) -> Any:
        sent = {"SentTimestamp": str(1_800_000_000_000 + int(key))}
        return {"MessageId": key, "Body": self.messages[key], "ReceiptHandle": key, "Attributes": sent}


class EndlessQueue(Queue):
    """A queue that has ten more messages each time it is asked."""

    def receive_message(self, **_: Any) -> dict[str, Any]:
        with self._one_at_a_time:
            first = len(self.messages)
            self.messages |= {str(first + number): letter() for number in range(10)}
            return {"Messages": [self._message(str(first + number)) for number in range(10)]}


def letter(function: str = "ReserveInventory", failure: Any = None, event: str = "StepTaken", key: str = "1") -> str:
    arn = f"arn:aws:lambda:us-east-1:123456789012:function:{function}:live"
    return json.dumps(
        {
            "requestContext": {"functionArn": arn},
            "requestPayload": {"detail-type": event, "detail": {"orderId": key, "tripId": key}},
            "responsePayload": failure or POISON,
        }
    )


def queue_of(queue: Queue, progress: Any = lambda _: None) -> DeadLetterQueue:
    stack = SimpleNamespace(output=lambda name: name, client=lambda _: queue)
    return DeadLetterQueue(cast("Stack", stack), progress)


def test_one_that_never_ends_is_read_for_a_while_and_the_reader_is_told_that_there_are_more(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    seconds = count(0, 4)
    monkeypatch.setattr(dead_letters, "monotonic", lambda: next(seconds))
    queue = EndlessQueue([])

    letters = queue_of(queue).letters()

    assert len(letters) == queue.put_back == len(queue.messages) > 0
    assert f"there are more: only these {len(letters)} could be read in 150 s" in capsys.readouterr().err


def test_thousands_are_grouped_by_function_error_and_event() -> None:
    timeout = {"errorType": "Sandbox.Timedout", "errorMessage": "Task timed out after 60.00 seconds"}
    other = [letter("ChargePayment", timeout, "OtherStep", str(number)) for number in range(1_000)]
    queue = Queue([letter(key="first"), *other, *(letter(key=str(number)) for number in range(1_999))])
    told: list[int] = []

    found = DeadLetters.of(queue_of(queue, told.append).letters())

    assert [(group.function, group.error, group.event, group.count) for group in found.groups] == [
        ("ReserveInventory", "PoisonEventError: StepTaken is malformed", "StepTaken", 2_000),
        ("ChargePayment", "Sandbox.Timedout: Task timed out after … seconds", "OtherStep", 1_000),
    ]
    assert [(group.example_id, group.example) for group in found.groups] == [
        ("first", "PoisonEventError: StepTaken is malformed"),
        ("0", "Sandbox.Timedout: Task timed out after 60.00 seconds"),
    ]
    assert found.groups[0].oldest is not None
    assert found.groups[0].oldest.timestamp() == 1_800_000_000
    assert (found.count, found.unreadable, queue.put_back) == (3_000, 0, 3_000)
    assert sum(told) == 6_000  # each is read, then put back


@pytest.mark.parametrize(
    ("one", "other", "error"),
    [
        ("there is no record of {0}", "there is no record of {1}", "there is no record of …"),
        (
            "2026-01-31T09:00:00.123Z 0a1b2c3d-0000-4000-8000-000000000001 Task timed out after 60.00 seconds",
            "2026-02-01T10:30:00.456Z 0a1b2c3d-0000-4000-8000-000000000002 Task timed out after 60.06 seconds",
            "… … Task timed out after … seconds",
        ),
        ("it is malformed: amount: Field required", "it is malformed: sku: Field required", "it is malformed"),
    ],
)
def test_what_differs_from_order_to_order_is_no_cause_of_its_own(one: str, other: str, error: str) -> None:
    letters = [
        letter(failure={"errorType": "AnError", "errorMessage": said.format("an-order", "another")}, key=key)
        for said, key in ((one, "an-order"), (other, "another"))
    ]
    (group,) = DeadLetters.of(queue_of(Queue(letters)).letters()).groups
    assert (group.error, group.count) == (f"AnError: {error}", 2)


def test_errors_of_one_type_that_say_different_things_are_different_causes() -> None:
    said = [{"errorType": "RuntimeError", "errorMessage": text} for text in ("no shelf", "no money")]
    found = DeadLetters.of(queue_of(Queue([letter(failure=each) for each in said])).letters())
    assert [group.error for group in found.groups] == ["RuntimeError: no shelf", "RuntimeError: no money"]


@pytest.mark.parametrize(
    "body", ["", "null", "[]", "7", "{}", "no JSON", '{"detail": 1}', DEEP], ids=lambda body: body[:9]
)
def test_what_is_no_envelope_is_shown_as_unreadable_and_kept(body: str, capsys: pytest.CaptureFixture[str]) -> None:
    queue = Queue([letter(), body])
    found = DeadLetters.of(queue_of(queue).letters())
    assert (found.count, found.unreadable) == (2, 1)
    fates = queue_of(queue).redrive(Selection(event="unreadable"))
    assert [(each.way, each.order_id, fate) for each, fate in fates] == [(Way.UNKNOWN, None, Fate.KEPT)]
    assert len(queue.messages) == 2
    letter_printing.show_by_cause([each for each, _ in fates])
    assert "1 letter: unreadable, an unknown function, no envelope" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("selection", "chosen"),
    [
        (Selection(), 4),
        (Selection(order_id="2"), 1),
        (Selection(function="chargepayment"), 1),
        (Selection(why="TIMED OUT"), 1),
        (Selection(why="malformed"), 3),
        (Selection(event="OtherStep"), 2),
        (Selection(event="OtherStep", why="malformed"), 1),
        (Selection(event="Other"), 0),
        (Selection(error="Sandbox.Timedout: Task timed out"), 1),
        (Selection(error="Sandbox.Timedout"), 0),
    ],
)
def test_a_selection_is_purged_and_the_rest_stays(selection: Selection, chosen: int) -> None:
    timeout = {"errorType": "Sandbox.Timedout", "errorMessage": "Task timed out"}
    bodies = [
        letter(key="1"),
        letter(key="2"),
        letter("stack-ChargePayment-1X", timeout, "OtherStep"),
        letter("Other", event="OtherStep"),
    ]
    queue = Queue(bodies)
    assert len(queue_of(queue).letters(selection)) == chosen
    assert len(queue_of(queue).purge(selection, dry_run=True)) == chosen
    assert (len(queue.messages), any(queue.unseen.values())) == (4, False)
    assert len(queue_of(queue).purge(selection)) == chosen
    assert len(queue.messages) == 4 - chosen
    assert not any(queue.unseen[key] for key in queue.messages)


def test_if_a_call_fails_the_letters_are_not_left_unseen(monkeypatch: pytest.MonkeyPatch) -> None:
    queue = Queue([letter(key=str(number)) for number in range(95)])
    monkeypatch.setattr(queue, "delete_message_batch", lambda **_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        queue_of(queue).purge()
    assert (len(queue.messages), any(queue.unseen.values())) == (95, False)
