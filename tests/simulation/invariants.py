"""What must hold whatever happens: nothing is lost, and nothing happens twice."""

from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING

from saga.event import Event
from saga.record import Record
from tools.base.transitions import EVENT_OF_STATUS, EVENTS, TERMINAL, is_path

if TYPE_CHECKING:
    from tests.simulation.bus import Published
    from tests.simulation.faulty_wire import Invocation
    from tests.simulation.simulated_world import SimulatedWorld

SHIPPED = "SHIPPING_SCHEDULED"


class BrokenInvariantError(AssertionError):
    """The proof failed: something was lost or happened twice."""


def require(holds: bool, otherwise: str) -> None:  # noqa: FBT001  reads as a sentence
    if not holds:
        raise BrokenInvariantError(otherwise)


def always(world: "SimulatedWorld") -> None:
    """Check what holds at every moment, in the middle of everything."""
    orders = world.orders()
    stock_is_conserved(world, orders)
    nothing_happened_twice(world, orders)
    histories_are_paths(orders)
    answers_are_kept(world, orders)
    the_index_holds_what_is_in_flight(world, orders)


def at_rest(world: "SimulatedWorld") -> None:
    """Check what holds once faults have stopped and all is quiet."""
    orders = world.orders()
    for order in orders.values():
        require(order.is_terminal, f"{world.name_of(order.key)} is stuck at {order.status}")
    always(world)
    money_is_kept_for_what_is_shipped(world, orders)
    refusals_are_true(world, orders)
    for published in world.bus.published:
        published_after_its_write(world, published)
    for delivery in world.deliveries:
        what = f"{delivery.published.detail_type} to {delivery.function.name}"
        require(delivery.handled or delivery.dead, f"{what} was never delivered and is in no dead-letter queue")


def stock_is_conserved(world: "SimulatedWorld", orders: dict[str, Record]) -> None:
    held: Counter[str] = Counter()
    for order in orders.values():
        went_through = _statuses(order)
        if "INVENTORY_RESERVED" in went_through and "INVENTORY_RELEASED" not in went_through:
            held[_field(order, "sku")] += int(_field(order, "quantity"))
    for sku, at_the_start in world.stock.items():
        available = world.available(sku)
        require(available >= 0, f"{sku} is oversold: {available} on the shelf")
        require(
            available + held[sku] == at_the_start,
            f"{sku}: {available} on the shelf and {held[sku]} held, but there were {at_the_start}",
        )


def nothing_happened_twice(world: "SimulatedWorld", orders: dict[str, Record]) -> None:
    for key, times in world.gateway.taken.items():
        require(key in orders, f"money was taken under {key}, which is no order")
        require(times == 1, f"{world.name_of(key)} was charged {times} times")
    for key, shipments in world.carrier.shipments.items():
        require(key in orders, f"something was shipped under {key}, which is no order")
        require(len(shipments) == 1, f"{world.name_of(key)} was shipped {len(shipments)} times")


def histories_are_paths(orders: dict[str, Record]) -> None:
    for order in orders.values():
        statuses, times = _statuses(order), [change.at for change in order.history]
        require(is_path(statuses), f"no order goes through {statuses}")
        require(statuses[-1] == order.status, f"the status is {order.status}, the history says {statuses}")
        require(times == sorted(times), f"the history goes back in time: {times}")


def answers_are_kept(world: "SimulatedWorld", orders: dict[str, Record]) -> None:
    placed: dict[str, str] = {}
    for answer in world.answers:
        if answer.order_id is None:
            require(answer.status == 422, f"a valid order was answered with {answer.status}")
            continue
        require(answer.order_id in orders, f"answered with {answer.status} for an order that does not exist")
        order = orders[answer.order_id]
        stored = {name: _field(order, name) for name in answer.body}
        require(stored == {name: str(value) for name, value in answer.body.items()}, f"another order is kept: {stored}")
        if answer.key:
            first = placed.setdefault(answer.key, answer.order_id)
            require(first == answer.order_id, f"key {answer.key} stands for two orders")


def the_index_holds_what_is_in_flight(world: "SimulatedWorld", orders: dict[str, Record]) -> None:
    indexed = {key for key, item in world.dynamodb.items["OrdersTable"].items() if "inFlight" in item}
    in_flight = {key for key, order in orders.items() if not order.is_terminal}
    names = sorted(map(world.name_of, indexed ^ in_flight))
    require(indexed == in_flight, f"the in-flight index is wrong about {names}")


def money_is_kept_for_what_is_shipped(world: "SimulatedWorld", orders: dict[str, Record]) -> None:
    for key, order in orders.items():
        shipped, name = order.status == SHIPPED, world.name_of(key)
        price = int(_field(order, "amount")) if shipped else 0
        held = world.gateway.held[key]
        require(held == price, f"{name} ended as {order.status}, and {held} are kept for it instead of {price}")
        shipments = world.carrier.shipments.get(key, [])
        require(
            len(shipments) == int(shipped), f"{name} ended as {order.status} and was shipped {len(shipments)} times"
        )
        if shipped:
            require(_field(order, "paymentId") in world.gateway.payments[key], f"{name} names a payment nobody made")
            require(_field(order, "trackingNumber") in shipments, f"{name} names a shipment nobody made")


def refusals_are_true(world: "SimulatedWorld", orders: dict[str, Record]) -> None:
    """An order that was not shipped says why, and it is the truth."""
    for key, order in orders.items():
        if order.status == SHIPPED:
            continue
        reason, name = _field(order, "failureReason"), world.name_of(key)
        match reason:
            case "out of stock":
                true = _least_on_shelf_since(world, order) < int(_field(order, "quantity"))
            case "card declined":
                true = key in world.gateway.declined
            case "address undeliverable":
                true = key in world.carrier.refused
            case "timed out":
                refused = next(change for change in order.history if _says_why(change.status))
                true = refused.at - order.created_at > world.deadline
            case _:
                true = False
        require(true, f"{name} ended as {order.status} because of {reason!r}, which is not true")


def published_after_its_write(world: "SimulatedWorld", published: "Published") -> None:
    """An event tells of what is stored, byte for byte, and somebody consumes it unless it is final."""
    event = _parsed(published.detail_type, published.detail)
    order = world.orders().get(event.key)
    if order is None:
        raise BrokenInvariantError(f"{published.detail_type} was published of an order that is not stored")
    # A record is replaced whenever it changes: the same event of the same record need not be looked at twice.
    seen = (published.detail_type, published.detail, id(order))
    if seen in world.verified:
        return
    name = world.name_of(event.key)
    require(event.status in _statuses(order), f"{published.detail_type} of {name} was published before it was written")
    rebuilt = order.model_copy(update={"status": event.status}).event().detail()
    require(rebuilt == published.detail, f"{name}: published {published.detail}, but the record gives {rebuilt}")
    consumers = len(published.consumers)
    require(consumers == int(event.status not in TERMINAL), f"{consumers} functions consume {published.detail_type}")
    world.verified[seen] = order


def failed_for_a_reason(invocation: "Invocation", deadly: tuple[str, ...], death: type[BaseException]) -> None:
    """A function fails only if something struck it, and no function survives its death."""
    failure = invocation.failure
    if isinstance(failure, AssertionError):
        raise failure
    if any(fault.startswith(deadly) for fault in invocation.fired):
        require(isinstance(failure, death), f"{invocation.title}: it lived on after its death")
    elif failure is not None and not invocation.fired:
        raise BrokenInvariantError(f"{invocation.title}: failed without any fault") from failure


def said_what_it_did(world: "SimulatedWorld", invocation: "Invocation") -> None:
    """A function that ends well has published what it says, and left no charge behind that its order does not know."""
    answer = invocation.answer
    if invocation.failure is not None:
        return
    if answer.get("published"):
        said = (answer["published"], answer["orderId"])
        require(said in invocation.accepted, f"{invocation.title}: says that it published {said[0]}, but did not")
    if "recovered" in answer:
        did = len(invocation.accepted)
        require(
            did >= answer["recovered"], f"{invocation.title}: says that it recovered {answer['recovered']}, not {did}"
        )
    for key in invocation.charged:
        known = "PAYMENT_CHARGED" in _statuses(world.orders()[key])
        require(
            known or not world.gateway.held[key], f"{invocation.title}: leaves a charge that its order does not know"
        )


@lru_cache(maxsize=1_000)
def _parsed(detail_type: str, detail: str) -> Event:
    return EVENTS[detail_type].model_validate_json(detail)


def _statuses(order: Record) -> list[str]:
    return [change.status for change in order.history]


def _says_why(status: str) -> bool:
    return "failure_reason" in EVENT_OF_STATUS[status].model_fields


def _field(order: Record, name: str) -> str:
    return str((order.model_extra or {}).get(name))


def _least_on_shelf_since(world: "SimulatedWorld", order: Record) -> int:
    sku, level, least, created = _field(order, "sku"), 0, None, False
    for table, key, item in world.dynamodb.levels:
        created = created or (table, key) == ("OrdersTable", order.key)
        if (table, key) == ("InventoryTable", sku):
            level = int(item["available"]["N"])
        if created:
            least = level if least is None else min(least, level)
    return level if least is None else least
