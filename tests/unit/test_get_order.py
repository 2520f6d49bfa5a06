from uuid import UUID, uuid4

import pytest

from tests.unit.http import ORDER, get, post
from tests.unit.moto_stack import Log, MotoStack
from tests.unit.stories import STORIES, Story, Told


@pytest.mark.parametrize("story", STORIES, ids=str)
def test_an_order_is_shown_as_it_stands(stack: MotoStack, story: Story) -> None:
    for at in range(len(story.path)):
        order = Told(story)
        stack.put_record(order.record(at))
        answer = get(order.order_id)
        assert answer.status == 200
        shown = {name: value for name, value in order.record(at).items() if name != "inFlight"}
        assert answer.body == shown


def test_an_order_can_be_seen_as_soon_as_it_is_accepted(stack: MotoStack) -> None:
    order_id = post(ORDER).body["orderId"]
    stack.wire.calls.clear()
    answer = get(order_id)
    assert answer.body["status"] == "CREATED"
    assert stack.wire.calls == ["GetItem"]


def test_an_order_is_found_however_its_uuid_is_written(stack: MotoStack) -> None:
    order = Told(STORIES[0])
    stack.put_record(order.record(0))
    for written in (order.order_id.upper(), UUID(order.order_id).hex):
        assert get(written).body["orderId"] == order.order_id


@pytest.mark.parametrize(
    "order_id",
    [str(uuid4()), "nonsense", "", "x" * 5000, "../orders", "日本", "\u0000", str(uuid4())[:-1], str(uuid4()) + "0"],
    ids=["unknown", "malformed", "empty", "over-long", "a path", "not ASCII", "a control", "cut short", "one too many"],
)
@pytest.mark.usefixtures("stack")
def test_an_order_that_cannot_be_found_is_answered_with_404(order_id: str) -> None:
    answer = get(order_id)
    assert (answer.status, answer.wrong_fields) == (404, {"orderId"})


def test_an_answer_is_not_logged(stack: MotoStack, log: Log) -> None:
    order = Told(STORIES[0])
    stack.put_record(order.record(0))
    get(order.order_id)
    assert order.sku not in log.text


@pytest.mark.usefixtures("stack")
def test_what_is_no_orders_id_is_no_correlation_id(log: Log) -> None:
    for path in ("[/x]", "\x1b[2J", "nonsense"):
        assert get(path).status == 404
        assert path not in log.text
        assert log.lines[-1].get("correlation_id") is None
