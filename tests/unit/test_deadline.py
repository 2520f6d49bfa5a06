from datetime import timedelta

import pytest

from payments.gateway import Refused
from payments.simulated_gateway import SimulatedGateway
from tests.unit.stories import DECLINED, EXPIRED, HAPPY, LATE, TIMED_OUT, UNDELIVERABLE, Move, Story
from tests.unit.world import World

JUST_IN_TIME = timedelta(minutes=15)


def test_an_order_at_its_deadline_is_still_taken(world: World) -> None:
    order = world.begin(HAPPY)
    world.set_age(JUST_IN_TIME)
    world.deliver("OrderCreated", order.detail("OrderCreated"))
    assert world.published[0].detail_type == "InventoryReserved"


def test_an_overdue_order_is_refused_before_its_stock_is_taken(world: World) -> None:
    order = world.begin(EXPIRED)
    world.set_age(LATE)
    world.deliver("OrderCreated", order.detail("OrderCreated"))
    assert world.published[0].content == order.detail("InventoryFailed")
    assert world.stack.shelf(order.sku) == EXPIRED.stock


def test_an_overdue_order_times_out_without_asking_the_gateway(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    order = world.begin(TIMED_OUT, at=1)
    world.set_age(LATE)
    monkeypatch.delattr(type(world.gateway), "charge")
    monkeypatch.delattr(SimulatedGateway, "charge")
    world.deliver("InventoryReserved", order.detail("InventoryReserved"))
    assert world.published[0].detail_type == "PaymentAbandoned"
    assert world.published[0].content == order.detail("PaymentAbandoned")


def test_a_timed_out_order_whose_charge_went_through_gets_its_money_and_its_stock_back(world: World) -> None:
    order = world.begin(TIMED_OUT, at=1)
    world.gateway.charge(world.payment(order))  # the function died before it could write this down

    for at in range(1, 4):
        world.play(Move(TIMED_OUT, at), order)

    assert [event.detail_type for event in world.published] == [
        "PaymentAbandoned",
        "PaymentRefunded",
        "InventoryReleased",
    ]
    assert (world.books.held(order.order_id), world.books.voided(order.order_id)) == (0, True)
    assert world.stack.shelf(order.sku) == TIMED_OUT.stock


def test_a_timed_out_order_that_was_never_charged_can_never_be_charged_again(world: World) -> None:
    order = world.begin(TIMED_OUT, at=2)
    world.play(Move(TIMED_OUT, 2), order)
    assert world.gateway.charge(world.payment(order)) == Refused("payment voided")
    assert world.books.held(order.order_id) == 0


AFTER_THE_PIVOT = [
    Move(story, at)
    for story, first in ((HAPPY, 2), (UNDELIVERABLE, 2), (DECLINED, 2))
    for at in range(first, len(story.path) - 1)
]


@pytest.mark.parametrize("age", [LATE, timedelta(days=30)], ids=["just overdue", "a month old"])
@pytest.mark.parametrize("move", AFTER_THE_PIVOT, ids=str)
def test_after_the_pivot_an_order_is_never_given_up(world: World, move: Move, age: timedelta) -> None:
    order = world.begin(move.story, move.at)
    world.set_age(age)
    said = world.deliver(move.consumed, order.detail(move.consumed))
    assert [event.content for event in world.published] == [order.detail(move.published)]
    assert said["delivery"] == "first"


@pytest.mark.parametrize("story", [EXPIRED, TIMED_OUT], ids=str)
def test_an_order_that_was_refused_for_its_age_gives_the_same_answer_when_asked_again(
    world: World, story: Story
) -> None:
    at = story.late_from
    order = world.begin(story, at)
    for _ in range(2):
        world.play(Move(story, at), order)
    assert world.published[0] == world.published[1]
