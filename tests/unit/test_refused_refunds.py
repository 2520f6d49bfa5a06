"""A payment that cannot be undone, or not yet, or was undone before."""

import pytest

from payments.gateway import Never, NotYet, Payment, Void, Voided, VoidedBefore
from saga.deferral import Deferral
from tests.unit.stories import CHARGED_BACK, HAPPY, TIMED_OUT, UNDELIVERABLE
from tests.unit.test_lost_races import meanwhile
from tests.unit.world import World


def says(world: World, monkeypatch: pytest.MonkeyPatch, answer: Void) -> list[Payment]:
    """Let the gateway answer a void with this, and return what it is asked for."""
    asked: list[Payment] = []

    def void(payment: Payment) -> Void:
        asked.append(payment)
        return answer

    monkeypatch.setattr(world.gateway, "void", void)
    return asked


def test_a_refund_that_is_refused_for_good_is_told_and_the_stock_goes_back(world: World) -> None:
    order = world.begin(CHARGED_BACK, at=3)
    world.deliver("ShippingFailed", order.detail("ShippingFailed"))
    world.deliver("RefundRefused", order.detail("RefundRefused"))
    record = world.stack.record(order.order_id)
    assert record is not None
    assert (record["status"], record["failureReason"]) == ("INVENTORY_RELEASED", "address undeliverable")
    assert record["refundFailureReason"] == "charged back by the customer"
    assert "refundId" not in record
    assert world.stack.shelf(order.sku) == CHARGED_BACK.stock


def test_a_void_that_is_not_possible_yet_is_deferred(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    order = world.begin(UNDELIVERABLE, at=3)
    says(world, monkeypatch, NotYet())
    before = world.stands(order)
    said = world.deliver("ShippingFailed", order.detail("ShippingFailed"))
    assert (said["delivery"], said["reason"]) == ("deferred", "the payment cannot be voided yet")
    assert world.published == []
    assert world.stands(order) == before


@pytest.mark.parametrize(
    ("answer", "refund_id"),
    [(Voided("re_1"), "re_1"), (Voided(), None), (VoidedBefore(), None)],
    ids=["with an id", "without an id", "undone before"],
)
def test_a_refund_has_the_providers_id_if_it_gave_one(
    world: World, monkeypatch: pytest.MonkeyPatch, answer: Void, refund_id: str | None
) -> None:
    order = world.begin(UNDELIVERABLE, at=3)
    says(world, monkeypatch, answer)
    world.deliver("ShippingFailed", order.detail("ShippingFailed"))
    assert world.published[0].content == order.detail("PaymentRefunded") | (
        {"refundId": refund_id} if refund_id else {}
    )


@pytest.mark.parametrize(("payment_id", "known"), [("pi_1", "pi_1"), ("x" * 127 + "…", None)], ids=["whole", "cut"])
def test_a_void_names_the_providers_id_if_it_is_whole(
    world: World, monkeypatch: pytest.MonkeyPatch, payment_id: str, known: str | None
) -> None:
    order = world.begin(UNDELIVERABLE, at=3)
    asked = says(world, monkeypatch, Voided())
    world.deliver("ShippingFailed", order.detail("ShippingFailed") | {"paymentId": payment_id})
    method = f"pm_{order.order_id[:8]}"
    assert asked == [Payment(order.order_id, "CUST-UNDELIVERABLE", 4999, "USD", method, known)]


def test_a_lost_charge_that_cannot_be_voided_yet_is_left_to_the_refund_that_the_order_comes_to(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = world.begin(TIMED_OUT, at=1)
    says(world, monkeypatch, NotYet())
    meanwhile(world, monkeypatch, "charge", lambda: world.stack.put_record(order.record(2)))
    said = world.deliver("InventoryReserved", order.detail("InventoryReserved"))
    assert (said["delivery"], said["reason"]) == ("lost race", "the charge cannot be voided yet")


def test_a_lost_charge_that_cannot_be_voided_after_the_refund_fails_the_step_so_that_it_is_repeated(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = world.begin(TIMED_OUT, at=1)
    says(world, monkeypatch, NotYet())
    meanwhile(world, monkeypatch, "charge", lambda: world.stack.put_record(order.record(3)))
    with pytest.raises(Deferral, match="the charge cannot be voided yet"):
        world.deliver("InventoryReserved", order.detail("InventoryReserved"))


def test_a_lost_charge_that_can_never_be_voided_is_left_to_its_refund(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = world.begin(TIMED_OUT, at=1)
    says(world, monkeypatch, Never("charged back"))
    meanwhile(world, monkeypatch, "charge", lambda: world.stack.put_record(order.record(2)))
    assert world.deliver("InventoryReserved", order.detail("InventoryReserved"))["delivery"] == "lost race"


def test_a_happy_order_asks_each_provider_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    for operation in ("charge", "status", "void"):
        meanwhile(world, monkeypatch, operation, lambda operation=operation: asked.append(operation))  # type: ignore[misc]
    order = world.begin(HAPPY)
    for event in HAPPY.path[:-1]:
        world.deliver(event, order.detail(event))
    assert asked == ["charge"]
