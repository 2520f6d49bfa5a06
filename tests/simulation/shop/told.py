"""What providers are asked is what the order says, and what the order says of them is what they answered."""

from typing import TYPE_CHECKING

from contract import fitting
from contract.identity import derived_id
from payments.gateway import Paid, Payment, Pending, Voided
from saga.record import Record
from shipping.carrier import Booked, Shipment
from tests.simulation.invariants import field_of, require, statuses_of

if TYPE_CHECKING:
    from tests.simulation.overheard import Question
    from tests.simulation.simulated_world import SimulatedWorld


def providers_are_asked_what_the_order_says(world: "SimulatedWorld", orders: dict[str, Record]) -> None:
    """Check each question once: all that it says of an order, whichever function asked."""
    shop = world.shop
    for number, question in enumerate(shop.questions[shop.checked :], shop.checked):
        asked, *_ = question.asked
        match asked:
            case Payment(key=key):
                expected: Payment | Shipment = _payment(orders[key], _known_id(asked, shop.questions[:number]))
            case Shipment(key=key):
                expected = _shipment(orders[key])
            case _:
                continue
        said = f"{question.operation} of {world.name_of(key)}"
        require(asked == expected, f"{said} is asked with {asked}, and the order says {expected}")
    shop.checked = len(shop.questions)


def ids_are_the_providers(world: "SimulatedWorld", orders: dict[str, Record]) -> None:
    """Check each id and address that an order has of a provider: the provider said so, of this very order."""
    answered: dict[str, dict[str, set[str | None]]] = {key: {} for key in orders}
    for question in world.shop.questions:
        match question.answer:
            case Paid(said):
                name = "paymentId"
            case Pending(said):
                name = "nextActionUrl"
            case Voided(said):
                name = "refundId"
            case Booked(said):
                name = "trackingNumber"
            case _:
                continue
        answered[question.asked[0].key].setdefault(name, set()).add(said)
    for key, order in orders.items():
        # A provider need not have an id of its own for what undid a payment.
        answered[key].setdefault("refundId", set()).add(derived_id("refund", key))
        for name in ("paymentId", "nextActionUrl", "refundId", "trackingNumber"):
            kept = (order.model_extra or {}).get(name)
            heard = answered[key].get(name, set())
            require(kept is None or kept in heard, f"{world.name_of(key)} keeps the {name} {kept}; heard was {heard}")
        _has_what_its_statuses_say(world, order)


def _has_what_its_statuses_say(world: "SimulatedWorld", order: Record) -> None:
    went_through, kept = statuses_of(order), order.model_extra or {}
    for name, status in (
        ("reservationId", "INVENTORY_RESERVED"),
        ("paymentId", "PAYMENT_CHARGED"),
        ("refundId", "PAYMENT_REFUNDED"),
        ("trackingNumber", "SHIPPING_SCHEDULED"),
    ):
        has = name in kept
        require(has == (status in went_through), f"{world.name_of(order.key)} went through {went_through}: {kept}")


def _payment(order: Record, known: str | None) -> Payment:
    return Payment(
        key=order.key,
        customer_id=field_of(order, "customerId"),
        amount=int(field_of(order, "amount")),
        currency=field_of(order, "currency"),
        method=(order.model_extra or {}).get("paymentMethod"),
        provider_id=known,
    )


def _known_id(asked: Payment, before: "list[Question]") -> str | None:
    """Return the provider's id that a question may name: one that was answered before, and is whole."""
    paid = [each.answer for each in before if isinstance(each.answer, Paid) and each.asked[0].key == asked.key]
    whole = [each.payment_id for each in paid if fitting.is_whole(each.payment_id)]
    return asked.provider_id if asked.provider_id in whole else None


def _shipment(order: Record) -> Shipment:
    return Shipment(
        key=order.key,
        customer_id=field_of(order, "customerId"),
        sku=field_of(order, "sku"),
        quantity=int(field_of(order, "quantity")),
    )
