"""A dead-letter queue that is longer than one can read before its first message is seen again."""

import json
from itertools import count
from types import SimpleNamespace
from typing import Any, cast

import pytest

from tools.base.stack import Stack
from tools.operating import dead_letters
from tools.operating.dead_letters import DeadLetterQueue


class EndlessQueue:
    """A queue that gives ten messages each time it is asked, for ever."""

    def __init__(self) -> None:
        self.put_back = 0

    def receive_message(self, **_: Any) -> dict[str, Any]:
        body = {"detail-type": "OrderCreated", "detail": {"orderId": "order-1"}}
        return {"Messages": [{"Body": json.dumps(body), "ReceiptHandle": "receipt"}] * 10}

    def change_message_visibility(self, **_: Any) -> None:
        self.put_back += 1


@pytest.fixture
def queue(monkeypatch: pytest.MonkeyPatch) -> EndlessQueue:
    seconds = count(0, 4)
    monkeypatch.setattr(dead_letters, "monotonic", lambda: next(seconds))
    return EndlessQueue()


def test_it_is_read_for_half_a_minute_and_the_reader_is_told_that_there_are_more(
    queue: EndlessQueue, capsys: pytest.CaptureFixture[str]
) -> None:
    stack = cast("Stack", SimpleNamespace(output=lambda _: "url", client=lambda _: queue))

    letters = DeadLetterQueue(stack).letters()

    assert len(letters) == queue.put_back == 80
    assert "there are more: only these 80 could be read in 30 s" in capsys.readouterr().err
