"""Scenes of steps, with all that they emit, written out by hand."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from saga.bus import PublishError
from saga.deferral import Deferral, KeyRefusedError, UnreachableError
from saga.marks import Act, Intervention, put
from shipping import provider as carriers
from tests.unit.emitted import ONCE, Metrics
from tests.unit.stories import (
    CONSUMED_BY,
    FINAL,
    HAPPY,
    MOVES,
    TIMED_OUT,
    UNDELIVERABLE,
    Move,
    Story,
    Told,
)
from tests.unit.wire import entries
from tests.unit.world import World
from tools.base.transitions import EVENTS

Play = Callable[[World], str | None]
"""Plays a scene; returns the id of the order that it is about."""
ROOT_CAUSE = "Stripe: APIConnectionError"


@dataclass(frozen=True)
class Scene:
    """What a function is called for, and what it emits then."""

    name: str
    function: str
    play: Play
    metrics: Metrics
    lines: tuple[Mapping[str, Any], ...]
    """Without the order's id, if `play` returns one: a line has it unless it says something else of it."""

    def __str__(self) -> str:
        return f"{self.function}: {self.name}"


def step_line(consumed: str, delivery: str, published: str | None = None, **more: Any) -> dict[str, Any]:
    said = {"event": "step", "level": "INFO", "consumed": consumed, "delivery": delivery}
    return said | ({"published": published} if published else {}) | more


def first_deliveries() -> Iterator[Scene]:
    """Yield a scene for each step of each story."""
    for move in MOVES:
        published, milliseconds = move.published, move.age / timedelta(milliseconds=1)
        metrics: Metrics = {"FirstDeliveries": ONCE, published: ONCE}
        if published in FINAL:
            metrics["SagaDuration"] = ("Milliseconds", [milliseconds])
        if published in {"InventoryFailed", "PaymentAbandoned"} and move.story.reason == "timed out":
            metrics["Expired"] = ONCE
        line = step_line(move.consumed, "first", published)
        yield Scene(str(move), CONSUMED_BY[move.consumed], play(move), metrics, (line,))


def play(move: Move) -> Play:
    def played(world: World) -> str:
        order = world.begin(move.story, move.at)
        world.play(move, order)
        return order.order_id

    return played


def delivered(
    event: str,
    story: Story = HAPPY,
    at: int = 0,
    before: Callable[[World, Told], object] | None = None,
    failure: type[Exception] | None = None,
) -> Play:
    """Return the scene in which an event is delivered while the order is at `at`; `before` happens before that."""

    def played(world: World) -> str:
        order = world.begin(story, at)
        if before:
            before(world, order)
        with pytest.raises(failure) if failure else nullcontext():
            world.deliver(event, order.detail(event))
        return order.order_id

    return played


def held(world: World, order: Told) -> None:
    put(Intervention(Act.HOLD), order.order_id, EVENTS["OrderCreated"].root)
    world.set_age(timedelta(seconds=61))


def stopped(_world: World, order: Told) -> None:
    put(Intervention(Act.STOP, reason="cancelled by the customer"), order.order_id, EVENTS["OrderCreated"].root)


def gone_another_way(world: World, order: Told) -> None:
    world.stack.wire.meanwhile("UpdateItem", lambda: world.stack.put_record(order.record(2)))


def failing(operation: str, fault: Exception) -> Callable[[World, Told], None]:
    def before(world: World, _order: Told) -> None:
        def raising(_asked: object) -> None:
            raise fault

        adapter = carriers.adapter if operation == "book" else world.gateway
        vars(adapter)[operation] = raising

    return before


def refused(world: World, _order: Told) -> None:
    world.stack.wire.answer("PutEvents", entries("refused"))


NOT_PUBLISHED = "PublishError: not published: InventoryReserved of {order}: ThrottlingException: slow down"
STEPS = [
    *first_deliveries(),
    Scene(
        "a duplicate", "ReserveInventory", delivered("OrderCreated", at=1), {"Duplicates": ONCE},
        (step_line("OrderCreated", "duplicate", "InventoryReserved"),),
    ),
    Scene(
        "a stale event", "ReserveInventory", delivered("OrderCreated", at=2), {"StaleEvents": ONCE},
        (step_line("OrderCreated", "stale"),),
    ),
    Scene(
        "a held order", "ChargePayment", delivered("InventoryReserved", at=1, before=held), {"HeldEvents": ONCE},
        (step_line("InventoryReserved", "held"),),
    ),
    Scene(
        "a stopped order", "ChargePayment", delivered("InventoryReserved", at=1, before=stopped),
        {"FirstDeliveries": ONCE, "PaymentAbandoned": ONCE},
        (step_line("InventoryReserved", "first", "PaymentAbandoned"),),
    ),
    Scene(
        "a lost race", "ChargePayment", delivered("InventoryReserved", TIMED_OUT, 1, gone_another_way),
        {"LostRaces": ONCE}, (step_line("InventoryReserved", "lost race", "PaymentAbandoned"),),
    ),
    *(
        Scene(
            f"{operation} {fault.metric}", CONSUMED_BY[event],
            delivered(event, UNDELIVERABLE, at, failing(operation, fault(ROOT_CAUSE))),
            {fault.metric: ONCE}, (step_line(event, "deferred", reason=ROOT_CAUSE),),
        )
        for fault in (Deferral, UnreachableError, KeyRefusedError)
        for event, at, operation in (("InventoryReserved", 1, "charge"), ("ShippingFailed", 3, "void"))
    ),
    *(
        Scene(
            f"book {fault.metric}", "NotifyShipping",
            delivered("PaymentCharged", HAPPY, 2, failing("book", fault(ROOT_CAUSE))),
            {fault.metric: ONCE}, (step_line("PaymentCharged", "deferred", reason=ROOT_CAUSE),),
        )
        for fault in (Deferral, UnreachableError, KeyRefusedError)
    ),
    Scene(
        "a publish that fails", "ReserveInventory",
        delivered("OrderCreated", before=refused, failure=PublishError),
        {"InventoryReserved": ONCE, "Failures": ONCE},
        ({
            "event": "step failed", "level": "WARNING", "consumed": "OrderCreated", "orderId": None,
            "reason": NOT_PUBLISHED,
        },),
    ),
]  # fmt: skip
