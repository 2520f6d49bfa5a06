import pytest

from tests.unit.stories import DECLINED, HAPPY, OUT_OF_STOCK, UNDELIVERABLE, Story
from tests.unit.world import World


def test_an_order_for_more_than_the_shelf_holds_is_out_of_stock(world: World) -> None:
    order = world.begin(OUT_OF_STOCK)
    world.deliver("OrderCreated", order.detail("OrderCreated"))
    assert world.published[0].detail_type == "InventoryFailed"
    assert world.published[0].content["failureReason"] == "out of stock"
    assert world.stack.shelf(order.sku) == 1


def test_the_last_pieces_of_a_shelf_can_be_reserved(world: World) -> None:
    order = world.begin(HAPPY)
    world.stack.stock(order.sku, order.quantity)
    world.deliver("OrderCreated", order.detail("OrderCreated"))
    assert world.published[0].detail_type == "InventoryReserved"
    assert world.stack.shelf(order.sku) == 0


def test_an_unknown_sku_is_out_of_stock(world: World) -> None:
    order = world.begin(HAPPY)
    world.stack.remove_shelf(order.sku)
    world.deliver("OrderCreated", order.detail("OrderCreated"))
    assert world.published[0].content == order.detail("InventoryFailed") | {"failureReason": "out of stock"}
    assert not world.stack.has_shelf(order.sku)


@pytest.mark.parametrize(
    ("story", "at", "reason"),
    [(DECLINED, 1, "card declined"), (UNDELIVERABLE, 2, "address undeliverable")],
    ids=["card declined", "address undeliverable"],
)
def test_a_refusal_is_an_event_with_its_reason(world: World, story: Story, at: int, reason: str) -> None:
    order = world.begin(story, at)
    world.deliver(story.path[at], order.detail(story.path[at]))
    assert world.published[0].detail_type == story.path[at + 1]
    assert world.published[0].content["failureReason"] == reason


def test_a_declined_card_holds_no_money(world: World) -> None:
    order = world.begin(DECLINED, at=1)
    world.deliver("InventoryReserved", order.detail("InventoryReserved"))
    assert world.books.held(order.order_id) == 0


@pytest.mark.parametrize(
    ("story", "final"),
    [
        (HAPPY, {"status": "SHIPPING_SCHEDULED"}),
        (OUT_OF_STOCK, {"status": "INVENTORY_FAILED", "failureReason": "out of stock"}),
        (DECLINED, {"status": "INVENTORY_RELEASED", "failureReason": "card declined"}),
        (UNDELIVERABLE, {"status": "INVENTORY_RELEASED", "failureReason": "address undeliverable"}),
    ],
    ids=str,
)
def test_a_story_ends_as_the_contract_says(world: World, story: Story, final: dict[str, str]) -> None:
    order = world.begin(story)
    world.deliver("OrderCreated", order.detail("OrderCreated"))
    while (event := world.published[-1]).detail_type != story.path[-1]:
        world.deliver(event.detail_type, event.content)

    record = world.stack.record(order.order_id)
    assert record is not None
    assert final.items() <= record.items()
    assert record.keys() == order.record(len(story.path) - 1).keys()
    shipped = story is HAPPY
    assert world.stack.shelf(order.sku) == story.stock - (order.quantity if shipped else 0)
    assert world.books.held(order.order_id) == (4999 if shipped else 0)
