"""A payment that is neither made nor refused yet: who asks, how often, and until when."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from payments.gateway import Charge, Payment, Pending
from saga.settings import settings
from tests.unit.moto_stack import Log
from tests.unit.stories import DECLINED_LATER, LATE, NEVER_PAID, PAYS_LATER, TOO_LATE
from tests.unit.test_lost_races import meanwhile
from tests.unit.world import World

IN_TIME = timedelta(minutes=59)


def unanswered(_payment: Payment) -> Charge:
    raise ConnectionError("status")


def test_a_payment_that_is_still_pending_is_deferred_and_nothing_is_written_or_published(
    world: World, log: Log, capsys: pytest.CaptureFixture[str]
) -> None:
    order = world.begin(NEVER_PAID, at=2)
    before = world.stands(order)
    world.stack.wire.calls.clear()
    capsys.readouterr()

    for _ in range(3):
        world.set_age(IN_TIME)
        said = world.deliver("PaymentPending", order.detail("PaymentPending"))

    assert (said["delivery"], said["published"]) == ("deferred", None)
    assert said["reason"] == "the payment is still pending"
    # It reads the record each time: a deferred order may have been stopped meanwhile.
    assert world.stack.wire.calls == ["GetItem"] * 3
    assert world.stands(order) == before
    assert [line["delivery"] for line in log.lines] == ["deferred"] * 3
    assert capsys.readouterr().out.count('"Deferrals":[1.0]') == 3


def test_a_pending_payment_outlives_the_deadline_of_other_orders(world: World) -> None:
    order = world.begin(PAYS_LATER, at=2)
    world.set_age(LATE)
    world.stack.wire.calls.clear()
    world.deliver("PaymentPending", order.detail("PaymentPending"))
    assert [event.content for event in world.published] == [order.detail("PaymentCharged")]
    assert world.stack.wire.calls == ["GetItem", "UpdateItem", "PutEvents"]


@pytest.mark.parametrize("status", [None, unanswered], ids=["pending", "no answer"])
def test_past_its_deadline_it_is_asked_once_more_and_then_given_up(
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    status: Callable[[Payment], Charge] | None,
) -> None:
    order = world.begin(NEVER_PAID, at=2)
    if status:
        monkeypatch.setattr(world.gateway, "status", status)
    world.set_age(TOO_LATE)
    world.deliver("PaymentPending", order.detail("PaymentPending"))
    assert [event.content for event in world.published] == [order.detail("PaymentAbandoned")]
    assert '"Expired":[1.0]' in capsys.readouterr().out


def test_a_payment_that_was_made_just_before_it_is_given_up_is_taken(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    order = world.begin(PAYS_LATER, at=2)
    world.set_age(TOO_LATE)
    world.deliver("PaymentPending", order.detail("PaymentPending"))
    assert [event.content for event in world.published] == [order.detail("PaymentCharged")]
    assert '"Expired"' not in capsys.readouterr().out


def test_its_deadline_is_never_sooner_than_that_of_other_orders(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PENDING_DEADLINE_SECONDS", "60")
    settings.cache_clear()
    order = world.begin(NEVER_PAID, at=2)
    world.set_age(settings().deadline)
    assert world.deliver("PaymentPending", order.detail("PaymentPending"))["delivery"] == "deferred"
    world.set_age(LATE)
    world.deliver("PaymentPending", order.detail("PaymentPending"))
    assert world.published[0].detail_type == "PaymentAbandoned"


def test_the_customer_is_shown_where_to_go_on(world: World) -> None:
    order = world.begin(DECLINED_LATER, at=1)
    world.deliver("InventoryReserved", order.detail("InventoryReserved"))
    record = world.stack.record(order.order_id)
    assert record is not None
    assert (record["status"], record["nextActionUrl"]) == ("PAYMENT_PENDING", "https://pay.example/1")


@pytest.mark.parametrize("at", [2, 3, 4], ids=["pending", "charged", "shipped"])
def test_a_late_duplicate_that_is_told_paid_voids_nothing(world: World, at: int) -> None:
    order = world.begin(PAYS_LATER, at)
    world.gateway.status(world.payment(order))

    said = world.deliver("InventoryReserved", order.detail("InventoryReserved"))

    assert (world.books.held(order.order_id), world.books.voided(order.order_id)) == (4999, False)
    again = [order.detail("PaymentPending")] if at == 2 else []
    assert [event.content for event in world.published] == again
    assert said["delivery"] == ("duplicate" if at == 2 else "stale")


def test_a_late_duplicate_that_is_told_pending_voids_no_charge(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    order = world.begin(PAYS_LATER, at=1)

    def the_customer_pays_and_another_run_is_told() -> None:
        world.gateway.status(world.payment(order))
        world.deliver("InventoryReserved", order.detail("InventoryReserved"))

    meanwhile(world, monkeypatch, "charge", the_customer_pays_and_another_run_is_told)
    world.deliver("InventoryReserved", order.detail("InventoryReserved"))

    record = world.stack.record(order.order_id)
    assert record is not None
    assert record["status"] == "PAYMENT_CHARGED"
    assert (world.books.held(order.order_id), world.books.voided(order.order_id)) == (4999, False)


def test_a_charge_that_is_told_after_its_pending_payment_was_given_up_is_voided(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = world.begin(NEVER_PAID, at=1)
    world.gateway.says = {}
    meanwhile(world, monkeypatch, "charge", lambda: world.stack.put_record(order.record(3)))

    said = world.deliver("InventoryReserved", order.detail("InventoryReserved"))

    assert (world.books.held(order.order_id), world.books.voided(order.order_id)) == (0, True)
    assert said["delivery"] == "lost race"


def test_a_payment_that_is_answered_pending_without_a_page_has_none(world: World) -> None:
    assert Pending("javascript:alert(1)") == Pending("https://pay.example/" + "x" * 2_048) == Pending()
    order = world.begin(PAYS_LATER, at=1)
    world.deliver("InventoryReserved", order.detail("InventoryReserved"))
    assert "nextActionUrl" not in world.published[0].content
