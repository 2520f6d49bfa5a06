import json

import pytest

from saga.bus import PublishError
from tests.unit.moto_stack import Context, Log
from tests.unit.stories import HAPPY, MOVES, TIMED_OUT, Move
from tests.unit.wire import entries
from tests.unit.world import FUNCTIONS, World, envelope


@pytest.mark.parametrize("move", MOVES, ids=str)
def test_a_step_writes_one_line_that_says_what_it_consumed_and_did(world: World, log: Log, move: Move) -> None:
    order = world.begin(move.story, move.at)

    said = world.play(move, order)

    (line,) = log.lines
    assert line["event"] == "step"
    assert line["orderId"] == line["correlation_id"] == order.order_id
    assert (line["consumed"], line["published"], line["delivery"]) == (move.consumed, move.published, "first")
    assert line["milliseconds"] >= 0
    assert line["publishedId"] == world.published[-1].event_id
    assert {name: value for name, value in said.items() if value is not None}.items() <= line.items()


def test_a_line_names_the_event_that_was_consumed_and_the_replay_that_it_came_from(world: World, log: Log) -> None:
    order = world.begin(HAPPY)
    event = envelope("OrderCreated", order.detail("OrderCreated")) | {"replay-name": "after-the-outage"}
    FUNCTIONS["ReserveInventory"](event, Context())
    (line,) = log.lines
    assert (line["consumedId"], line["replay"]) == (event["id"], "after-the-outage")


def test_a_step_that_fails_writes_one_line_that_says_what_it_consumed_and_why_it_failed(world: World, log: Log) -> None:
    order = world.begin(HAPPY)
    world.stack.wire.answer("PutEvents", entries("refused"))
    event = envelope("OrderCreated", order.detail("OrderCreated"))
    with pytest.raises(PublishError):
        FUNCTIONS["ReserveInventory"](event, Context())
    (line,) = log.lines
    assert (line["event"], line["level"], line["correlation_id"]) == ("step failed", "WARNING", order.order_id)
    assert (line["consumed"], line["consumedId"]) == ("OrderCreated", event["id"])
    assert line["reason"].startswith("PublishError: not published: InventoryReserved")


@pytest.mark.parametrize("move", MOVES, ids=str)
def test_no_line_holds_what_is_the_customers(world: World, log: Log, move: Move) -> None:
    order = world.begin(move.story, move.at)
    for _ in range(2):
        world.play(move, order)
    customers = [
        order.known[name] for name in ("customerId", "sku", "paymentMethod", "reservationId", "paymentId", "refundId")
    ]
    assert [value for value in customers if value in log.text] == []


def test_a_duplicate_and_a_stale_event_are_told_apart(world: World, log: Log) -> None:
    order = world.begin(HAPPY, at=2)
    world.deliver("InventoryReserved", order.detail("InventoryReserved"))
    world.deliver("OrderCreated", order.detail("OrderCreated"))
    told = [(line["delivery"], line.get("published")) for line in log.lines]
    assert told == [("duplicate", "PaymentCharged"), ("stale", None)]


def test_a_line_says_nothing_of_the_order_before(world: World, log: Log) -> None:
    first, second = world.begin(HAPPY), world.begin(HAPPY)
    world.deliver("OrderCreated", first.detail("OrderCreated"))
    world.deliver("OrderCreated", second.detail("OrderCreated"))
    assert first.order_id not in json.dumps(log.lines[1])


def test_what_a_step_says_can_be_written_as_json(world: World) -> None:
    order = world.begin(HAPPY)
    said = world.deliver("OrderCreated", order.detail("OrderCreated"))
    assert json.loads(json.dumps(said))["delivery"] == "first"


@pytest.mark.parametrize(
    ("at", "event", "metric"),
    [(0, "OrderCreated", "FirstDeliveries"), (1, "OrderCreated", "Duplicates"), (2, "OrderCreated", "StaleEvents")],
)
def test_deliveries_are_counted_by_what_they_were(
    world: World, capsys: pytest.CaptureFixture[str], at: int, event: str, metric: str
) -> None:
    order = world.begin(HAPPY, at)
    capsys.readouterr()
    world.deliver(event, order.detail(event))
    assert json.loads(capsys.readouterr().out)[metric] == [1.0]


def test_a_lost_race_is_counted(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    order = world.begin(TIMED_OUT, at=1)
    world.stack.wire.meanwhile("UpdateItem", lambda: world.stack.put_record(order.record(2)))
    capsys.readouterr()
    world.deliver("InventoryReserved", order.detail("InventoryReserved"))
    assert json.loads(capsys.readouterr().out)["LostRaces"] == [1.0]


def test_a_failed_publish_names_the_order_and_nothing_of_the_customer(world: World) -> None:
    order = world.begin(HAPPY)
    world.stack.wire.answer("PutEvents", entries("refused"))
    with pytest.raises(PublishError) as failure:
        world.deliver("OrderCreated", order.detail("OrderCreated"))
    assert order.order_id in str(failure.value)
    assert order.sku not in str(failure.value)
    assert "CUST-1" not in str(failure.value)
