"""Orders that have ended expire, and nothing that comes after it does any harm."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from payments.simulated_gateway import SimulatedGateway
from saga.settings import settings
from saga.table import UnknownKeyError
from shipping.simulated_carrier import SimulatedCarrier
from tests.contract.template import RESOURCES, TEMPLATE
from tests.unit.http import cancel, get
from tests.unit.stories import CHARGED_BACK, CONSUMED_BY, FINAL, HAPPY, STORIES, Move, Story
from tests.unit.world import World

GONE = timedelta(days=61)


@pytest.fixture
def sixty_days(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("RETENTION_DAYS", "60")
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.mark.usefixtures("sixty_days")
@pytest.mark.parametrize("story", [story for story in STORIES if "RefundRefused" not in story.path], ids=str)
def test_the_write_that_ends_an_order_says_when_it_expires(world: World, story: Story) -> None:
    order = world.begin(story)
    for at in range(len(story.path) - 1):
        world.stack.wire.calls.clear()
        world.play(Move(story, at), order)
        record = world.stack.record(order.order_id)
        assert record is not None
        ended = story.path[at + 1] in FINAL
        assert ("expiresAt" in record) is ended
        if ended:
            assert record["expiresAt"] == int((world.clock.time + timedelta(days=60)).timestamp())


@pytest.mark.usefixtures("sixty_days")
def test_an_order_whose_refund_was_refused_never_expires(world: World) -> None:
    order = world.begin(CHARGED_BACK)
    for at in range(len(CHARGED_BACK.path) - 1):
        world.play(Move(CHARGED_BACK, at), order)
    record = world.stack.record(order.order_id)
    assert record is not None
    assert (record["status"], "expiresAt" in record) == ("INVENTORY_RELEASED", False)


def test_without_a_retention_no_order_expires(world: World) -> None:
    order = world.begin(HAPPY, at=2)
    world.play(Move(HAPPY, 2), order)
    assert "expiresAt" not in (world.stack.record(order.order_id) or {})


@pytest.mark.parametrize("event", sorted(CONSUMED_BY))
def test_a_late_event_of_an_order_that_is_gone_is_stale_and_reaches_nobody_outside(
    world: World, monkeypatch: pytest.MonkeyPatch, event: str
) -> None:
    story = next(story for story in STORIES if event in story.path)
    order = world.begin(story)
    world.stack.remove_records()
    for provider in (SimulatedGateway, type(world.gateway)):
        for operation in ("charge", "status", "void"):
            monkeypatch.delattr(provider, operation, raising=False)
    monkeypatch.delattr(SimulatedCarrier, "book")
    shelf = world.stack.shelf(order.sku)
    world.set_age(GONE)

    assert world.deliver(event, order.detail(event))["delivery"] == "stale"

    assert (world.published, world.stack.shelf(order.sku)) == ([], shelf)
    assert world.stack.record(order.order_id) is None


def test_an_event_of_an_order_that_cannot_have_expired_yet_is_a_fault(world: World) -> None:
    order = world.begin(HAPPY, at=1)
    world.stack.remove_records()
    world.set_age(timedelta(days=13))
    with pytest.raises(UnknownKeyError):
        world.deliver("InventoryReserved", order.detail("InventoryReserved"))


def test_an_order_that_is_gone_is_neither_shown_nor_cancelled(world: World) -> None:
    order = world.begin(HAPPY)
    world.stack.remove_records()
    assert (get(order.order_id).status, cancel(order.order_id).status) == (404, 404)


def test_the_table_expires_orders_by_the_attribute_that_is_written() -> None:
    assert RESOURCES["OrdersTable"]["Properties"]["TimeToLiveSpecification"] == {
        "AttributeName": "expiresAt",
        "Enabled": True,
    }


def test_orders_outlast_the_archive_and_the_dead_letters() -> None:
    """CloudFormation compares no numbers: its rule lists what the archive may be."""
    rule = TEMPLATE["Rules"]["RetentionOutlastsTheArchive"]
    (assertion,) = rule["Assertions"]
    allowed, parameter = assertion["Assert"]["Fn::Contains"]
    assert parameter == {"Ref": "ArchiveDays"}
    assert rule["RuleCondition"] == {"Fn::Not": [{"Fn::Equals": [{"Ref": "RetentionDays"}, 0]}]}
    keeps, *shorter = TEMPLATE["Parameters"]["RetentionDays"]["AllowedValues"]
    assert keeps == 0
    assert allowed == [str(days) for days in range(min(shorter))]
    assert min(shorter) > RESOURCES["DeadLetterQueue"]["Properties"]["MessageRetentionPeriod"] / 86_400
