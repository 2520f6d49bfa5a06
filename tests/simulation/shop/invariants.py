"""What must hold of the shop whatever happens: pieces and money are conserved, and every refusal is true."""

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

from contract import fitting
from saga.record import Record
from tests.simulation.deployment import deployment
from tests.simulation.invariants import field_of, require, statuses_of
from tests.simulation.shop import told
from tools.base.transitions import EVENT_OF_STATUS

if TYPE_CHECKING:
    from tests.simulation.faulty_wire import Invocation
    from tests.simulation.simulated_world import SimulatedWorld

SHIPPED = "SHIPPING_SCHEDULED"
PENDING_DEADLINE = timedelta(seconds=int(deployment().variables["PENDING_DEADLINE_SECONDS"]))


def always(world: "SimulatedWorld", orders: dict[str, Record]) -> None:
    """Check what holds at every moment, in the middle of everything."""
    stock_is_conserved(world, orders)
    nothing_is_charged_and_stopped(world, orders)
    nothing_happened_twice(world, orders)
    told.providers_are_asked_what_the_order_says(world, orders)


def at_rest(world: "SimulatedWorld", orders: dict[str, Record]) -> None:
    """Check what holds once faults have stopped and all is quiet."""
    money_is_kept_for_what_is_shipped_or_not_to_be_refunded(world, orders)
    refused_refunds_are_kept(world, orders)
    refusals_are_true(world, orders)
    told.ids_are_the_providers(world, orders)


def left_behind(world: "SimulatedWorld", invocation: "Invocation") -> None:
    """Check that a function that ended well left no charge that its order does not know."""
    # A function that could not reach the gateway to void it says so, and leaves that to RefundPayment.
    answer = invocation.answer
    left_to = {"PAYMENT_PENDING"}
    # One that found its order stopped after it charged leaves it to RefundPayment as well, and has just asked it.
    asked = (answer.get("delivery"), answer.get("published")) == ("first", "PaymentAbandoned")
    if "reason" in answer or asked:
        left_to.add("PAYMENT_ABANDONED")
    for key in invocation.done_outside:
        record = world.records()[key]
        if answer.get("delivery") == "held":
            # Its answer is taken after the release.
            left_to.add(record.status)
        known = "PAYMENT_CHARGED" in statuses_of(record) or record.status in left_to
        require(
            known or not world.shop.gateway.held(key) or key in world.shop.gateway.refund_refusals,
            f"{invocation.title}: leaves a charge that its order does not know",
        )


def stock_is_conserved(world: "SimulatedWorld", orders: dict[str, Record]) -> None:
    held: Counter[str] = Counter()
    for order in orders.values():
        went_through = statuses_of(order)
        if "INVENTORY_RESERVED" in went_through and "INVENTORY_RELEASED" not in went_through:
            held[field_of(order, "sku")] += int(field_of(order, "quantity"))
    for sku, at_the_start in world.shop.stock.items():
        available = _available(world, sku)
        require(available >= 0, f"{sku} is oversold: {available} on the shelf")
        require(
            available + held[sku] == at_the_start,
            f"{sku}: {available} on the shelf and {held[sku]} held, but there were {at_the_start}",
        )


def nothing_happened_twice(world: "SimulatedWorld", orders: dict[str, Record]) -> None:
    for key, taken in world.shop.gateway.taken().items():
        require(key in orders, f"money was taken under {key}, which is no order")
        require(len(taken) == 1, f"{world.name_of(key)} was charged {len(taken)} times")
    for key, shipments in world.shop.carrier.shipments.items():
        require(key in orders, f"something was shipped under {key}, which is no order")
        require(len(shipments) == 1, f"{world.name_of(key)} was shipped {len(shipments)} times")


def nothing_is_charged_and_stopped(world: "SimulatedWorld", orders: dict[str, Record]) -> None:
    for key, order in orders.items():
        charged = "PAYMENT_CHARGED" in statuses_of(order)
        require(not (order.stopped and charged), f"{world.name_of(key)} was stopped, and came past the pivot")


def money_is_kept_for_what_is_shipped_or_not_to_be_refunded(world: "SimulatedWorld", orders: dict[str, Record]) -> None:
    for key, order in orders.items():
        shipped, name = order.status == SHIPPED, world.name_of(key)
        _, kept = world.shop.gateway.refund_refusals.get(key, ("", 0))
        due = int(field_of(order, "amount")) if shipped else kept
        held = world.shop.gateway.held(key)
        require(held == due, f"{name} ended as {order.status}, and {held} are kept for it instead of {due}")
        shipments = world.shop.carrier.shipments.get(key, [])
        require(
            len(shipments) == int(shipped), f"{name} ended as {order.status} and was shipped {len(shipments)} times"
        )
        if shipped:
            payments = [fitting.reference(each) for each in world.shop.gateway.taken().get(key, [])]
            require(field_of(order, "paymentId") in payments, f"{name} names a payment nobody made")
            booked = [fitting.reference(each) for each in shipments]
            require(field_of(order, "trackingNumber") in booked, f"{name} names a shipment nobody made")


def refused_refunds_are_kept(world: "SimulatedWorld", orders: dict[str, Record]) -> None:
    """A void that was refused is told by its order, and no order tells of one that was not."""
    for key, order in orders.items():
        refused = world.shop.gateway.refund_refusals.get(key)
        said = "REFUND_REFUSED" in statuses_of(order)
        name = world.name_of(key)
        require(said == (refused is not None), f"{name} ended through {statuses_of(order)}, its refund: {refused}")
        if refused:
            reason = fitting.reason(refused[0])
            kept = field_of(order, "refundFailureReason")
            require(kept == reason, f"{name} keeps {kept!r} as the reason, which was {reason!r}")


def refusals_are_true(world: "SimulatedWorld", orders: dict[str, Record]) -> None:
    """An order that was not shipped says why, and it is the truth."""
    for key, order in orders.items():
        if order.status == SHIPPED:
            continue
        reason, name = field_of(order, "failureReason"), world.name_of(key)
        said = {world.shop.gateway.refusals.get(key), world.shop.carrier.refusals.get(key)} - {None}
        match reason:
            case _ if order.stopped:
                true = reason == order.stopped
            case "out of stock":
                true = _least_on_shelf_since(world, order) < int(field_of(order, "quantity"))
            case "timed out":
                refused = next(change for change in order.history if _says_why(change.status))
                pending = "PAYMENT_PENDING" in statuses_of(order)
                true = refused.at - order.created_at > (PENDING_DEADLINE if pending else world.deadline)
            case _:
                true = reason in map(fitting.reason, said)
        require(true, f"{name} ended as {order.status} because of {reason!r}, which is not true")


def _least_on_shelf_since(world: "SimulatedWorld", order: Record) -> int:
    sku, level, least, created = field_of(order, "sku"), 0, None, False
    for table, key, item in world.dynamodb.levels:
        created = created or (table, key) == ("OrdersTable", order.key)
        if (table, key) == ("InventoryTable", sku):
            level = int(item["available"]["N"])
        if created:
            least = level if least is None else min(least, level)
    return level if least is None else least


def _says_why(status: str) -> bool:
    return "failure_reason" in EVENT_OF_STATUS[status].model_fields


def _available(world: "SimulatedWorld", sku: str) -> int:
    return int(world.dynamodb.items["InventoryTable"][sku]["available"]["N"])
