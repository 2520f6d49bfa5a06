"""The story of an order, told from the deployed stack."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from typer.testing import CliRunner, Result

from contract.events import OrderCreated
from saga.clock import iso
from saga.table import shard_of
from tests.e2e.letters import arrived
from tools.__main__ import app
from tools.base.problem import ProblemError
from tools.base.stack import Stack
from tools.base.waiting import wait_for
from tools.operating import logs, recovery
from tools.operating.dead_letters import DeadLetterQueue
from tools.operating.following import follow
from tools.operating.logs import LogGroup
from tools.operating.publishing import publish
from tools.operating.story import live
from tools.operating.story.sources import Sources
from tools.operating.story.story import Story
from tools.shop import api, stock

ORDER = {"customerId": "CUST-1", "sku": "TRACED", "quantity": 1, "amount": 4200}
Store = Callable[[timedelta], OrderCreated]


@pytest.fixture(scope="module", autouse=True)
def _stock(stack: Stack) -> None:
    stock.shelves(stack).put_item(Item={"sku": "TRACED", "available": 100})


@pytest.fixture(scope="module")
def shipped(stack: Stack) -> Story:
    """An order that went well, with nothing that could be added to its story."""
    order_id = finished(stack)["orderId"]
    return story_when(stack, order_id, lambda story: not story.untold)


@pytest.fixture
def unpublished(stack: Stack) -> Iterator[Store]:
    """Stores orders as CreateOrder does that dies before it publishes; afterwards they are gone."""
    stored: list[str] = []

    def store(age: timedelta) -> OrderCreated:
        order_id, at = str(uuid4()), iso(datetime.now(UTC) - age)
        created = OrderCreated.from_fields({**ORDER, "orderId": order_id, "createdAt": at, "currency": "USD"})
        history = [{"status": "CREATED", "at": at}]
        more = {"status": "CREATED", "updatedAt": at, "history": history, "inFlight": shard_of(order_id)}
        stack.records.put_item(Item={**created.fields(), **more})
        stored.append(order_id)
        return created

    yield store
    for order_id in stored:
        stack.records.delete_item(Key={"orderId": order_id})


@pytest.fixture
def _letters_purged(stack: Stack) -> Iterator[None]:
    yield
    stack.client("sqs").purge_queue(QueueUrl=stack.output("DeadLetterQueueUrl"))


def story_when(stack: Stack, order_id: str, told: Callable[[Story], bool]) -> Story:
    """Return the story once it is told so far, for a function's lines come after its work; else as it is then."""
    sources, seen = Sources(stack, order_id), list[Story]()

    def look() -> bool:
        seen.append(sources.story(letters=False))
        return told(seen[-1])

    wait_for(look, seconds=30, every=0.2)
    return seen[-1]


def finished(stack: Stack) -> dict[str, Any]:
    """Place an order and follow it to its end; return its record."""
    return follow(api.place(stack, ORDER).json()["orderId"], stack)


def run(stack: Stack, monkeypatch: pytest.MonkeyPatch, *words: str) -> Result:
    """Run a command of the tools against this stack."""
    monkeypatch.setenv("PORT", str(stack.target.port))
    monkeypatch.setattr("tools.base.console.console.width", 120)
    return CliRunner().invoke(app, list(words), catch_exceptions=False)


def test_each_step_consumes_the_very_event_that_the_one_before_published(stack: Stack, shipped: Story) -> None:
    story = shipped
    (taken,) = story.publications
    assert (taken.function, taken.kind, taken.published) == ("CreateOrder", "announced", "OrderCreated")
    assert [(told.function, told.consumed, told.delivery, told.published) for told in story.deliveries] == [
        ("ReserveInventory", "OrderCreated", "first", "InventoryReserved"),
        ("ChargePayment", "InventoryReserved", "first", "PaymentCharged"),
        ("NotifyShipping", "PaymentCharged", "first", "ShippingScheduled"),
    ]
    published = [taken.published_id, *(told.published_id for told in story.deliveries)]
    assert [told.consumed_id for told in story.deliveries] == published[:-1]
    assert None not in published
    assert [told.origin.function for told in story.deliveries] == ["CreateOrder", "ReserveInventory", "ChargePayment"]
    assert [change.function for change in story.history] == [
        taken.function,
        *(told.function for told in story.deliveries),
    ]
    assert story.record == api.get(stack, story.order_id)


def test_an_event_that_comes_again_is_a_duplicate_or_stale(stack: Stack) -> None:
    record = finished(stack)
    detail = json.dumps({name: value for name, value in record.items() if name not in {"status", "history"}})
    again, old = publish(stack, "PaymentCharged", detail), publish(stack, "OrderCreated", detail)
    story = story_when(
        stack, record["orderId"], lambda story: {again, old} <= {told.consumed_id for told in story.deliveries}
    )
    told = {
        told.consumed_id: (told.function, told.delivery, told.published, told.origin.kind) for told in story.deliveries
    }
    assert told[again] == ("NotifyShipping", "duplicate", "ShippingScheduled", "unknown")
    assert told[old] == ("ReserveInventory", "stale", None, "unknown")


def test_recovery_is_told_as_who_sent_the_event(stack: Stack, unpublished: Store) -> None:
    order_id = unpublished(timedelta(minutes=2)).order_id
    recovery.run(stack)
    # The stack's own schedule may have been there as well, and a run's lines come at its end.
    story = story_when(
        stack,
        order_id,
        lambda story: story.terminal and len(story.deliveries) >= 3 and story.deliveries[0].origin.function is not None,
    )
    assert {(told.function, told.kind, told.published) for told in story.publications} >= {
        ("RecoverOrders", "published again", "OrderCreated")
    }
    first = story.deliveries[0]
    assert (first.origin.kind, first.origin.function, first.delivery) == ("recovery", "RecoverOrders", "first")
    assert first.consumed_id in {told.published_id for told in story.publications}
    assert [change.status for change in story.untold] == ["CREATED"]


@pytest.mark.slow
@pytest.mark.usefixtures("_letters_purged")
def test_a_dead_letter_of_the_order_is_told_with_the_failures_before_it(
    stack: Stack, unpublished: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    created = unpublished(timedelta(0))
    charged = {**created.fields(), "createdAt": iso(created.created_at), "reservationId": "r", "paymentId": "p"}
    event_id = publish(stack, "PaymentCharged", json.dumps(charged))
    assert arrived(created.order_id, DeadLetterQueue(stack))
    assert len(story_when(stack, created.order_id, lambda story: len(story.deliveries) >= 3).deliveries) == 3
    story = Sources(stack, created.order_id).story()
    (letter,) = story.dead_letters
    assert (letter.way, letter.function, letter.event) == ("execution", "NotifyShipping", "PaymentCharged")
    assert "not in its history; it is at CREATED" in letter.reason
    assert [(told.consumed_id, told.delivery, told.attempt) for told in story.deliveries] == [
        (event_id, "failed", attempt) for attempt in (1, 2, 3)
    ]
    printed = run(stack, monkeypatch, "trace", created.order_id).stdout
    assert "dead letter: PaymentCharged, came by execution" in printed
    assert f"make redrive ORDER={created.order_id}" in printed
    assert "NotifyShipping, 3 times: ContradictoryEventError: PaymentCharged of" in printed


def test_the_command_draws_the_story_and_then_the_record(
    stack: Stack, shipped: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = run(stack, monkeypatch, "trace", shipped.order_id)
    assert answer.exit_code == 0
    rows = answer.stdout.splitlines()
    assert [row.split()[0] for row in rows if "━" in row and "step" not in row] == [
        "CreateOrder",
        "ReserveInventory",
        "ChargePayment",
        "NotifyShipping",
    ]
    first, last = rows.index("{"), rows.index("}")
    assert json.loads("\n".join(rows[first : last + 1])) == shipped.record
    assert rows[last + 1 :] == [f"its log lines: `make logs ORDER={shipped.order_id}`"]


def test_as_json_it_is_one_document_that_holds_the_same(
    stack: Stack, shipped: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = json.loads(run(stack, monkeypatch, "trace", shipped.order_id, "--json").stdout)
    assert (told["status"], told["terminal"]) == ("SHIPPING_SCHEDULED", True)
    assert {**told, "lookedAt": ""} == {**json.loads(shipped.json_text()), "lookedAt": ""}


def test_an_order_is_followed_to_its_end(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    order_id = api.place(stack, {**ORDER, "customerId": "CUST-UNDELIVERABLE"}).json()["orderId"]
    answer = run(stack, monkeypatch, "trace", order_id, "--watch")
    assert answer.exit_code == 0
    said = answer.stdout.partition(f"order {order_id}: ")[0].splitlines()
    # Each once, as it arrives: a log line may come later than one that was written after it.
    assert Counter(line.split()[1] for line in said) == {
        "CreateOrder": 1,
        "ReserveInventory": 1,
        "ChargePayment": 1,
        "NotifyShipping": 1,
        "RefundPayment": 1,
        "ReleaseInventory": 1,
    }
    assert f"order {order_id}: INVENTORY_RELEASED after" in answer.stdout


@pytest.mark.slow
def test_followed_as_json_it_prints_the_end_alone(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    order_id = api.place(stack, ORDER).json()["orderId"]
    told = json.loads(run(stack, monkeypatch, "trace", order_id, "--watch", "--json").stdout)
    assert (told["orderId"], told["status"]) == (order_id, "SHIPPING_SCHEDULED")


@pytest.mark.slow
def test_an_order_that_does_not_end_is_not_followed_for_ever(stack: Stack, unpublished: Store) -> None:
    order_id = unpublished(timedelta(0)).order_id
    story = live.follow(Sources(stack, order_id), silent=True, patience=1)
    assert (story.status, story.terminal) == ("CREATED", False)


def test_an_unknown_order_is_told_in_one_line(stack: Stack) -> None:
    with pytest.raises(ProblemError, match=r"there is no order nobody at http.*`make orders` lists") as problem:
        Sources(stack, "nobody").story()
    assert "\n" not in str(problem.value)


def test_the_logs_of_an_order_are_its_own_lines_with_the_ids_of_its_events(
    stack: Stack, shipped: Story, capsys: pytest.CaptureFixture[str]
) -> None:
    finished(stack)
    capsys.readouterr()
    logs.show(stack, shipped.order_id)
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if shipped.order_id not in line] == []
    # The line of whoever started it may come after that of whoever consumed its event.
    steps = [line for line in lines if "consumed=" in line]
    for line, told in zip(steps, shipped.deliveries, strict=True):
        assert f"consumed={told.consumed}({(told.consumed_id or '')[:8]})" in line
        assert f"published={told.published}({(told.published_id or '')[:8]})" in line


def test_the_log_group_is_searched_for_an_order_and_not_read_as_a_whole(stack: Stack, shipped: Story) -> None:
    group = LogGroup(stack)
    assert len(group.lines(shipped.order_id)) == 4
    assert len(group.lines(shipped.order_id, since=shipped.history[0].at, until=shipped.looked_at)) == 4
    assert group.lines(shipped.order_id, until=shipped.history[0].at) == []
    assert group.lines(shipped.order_id, since=shipped.looked_at + timedelta(minutes=1)) == []


def test_the_logs_of_an_unknown_order_are_told_to_be_none(stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ProblemError, match=r"^there is no order nobody at "):
        logs.show(stack, "nobody")
    assert capsys.readouterr().out == ""
