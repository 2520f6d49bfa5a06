"""Scenes in which each function emits all that it ever does, with what that is, written out by hand."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from orders import recover_orders
from payments import receive_payment_hint
from payments.gateway import ForgedHintError, Hint
from saga.recovery import IncompleteRunError
from saga.settings import Settings
from tests.unit import http
from tests.unit.emitted import ONCE, Metrics
from tests.unit.moto_stack import Context
from tests.unit.scenes_of_steps import STEPS, Play, Scene
from tests.unit.stories import HAPPY, NEVER_PAID, UNDELIVERABLE, Story
from tests.unit.wire import entries
from tests.unit.world import World


def posted(_world: World, **more: Any) -> str | None:
    """Post an order; return its id."""
    answer = http.post(http.ORDER | more)
    order_id: str | None = answer.body.get("orderId")
    return order_id


def posted_in_vain(world: World) -> str | None:
    world.stack.wire.answer("PutEvents", entries("refused"))
    return posted(world)


def shown(world: World) -> None:
    http.get(world.begin(HAPPY).order_id)


def cancelled(world: World) -> str:
    order = world.begin(HAPPY)
    http.cancel(order.order_id)
    return order.order_id


def asked_for_in_vain(call: Callable[[str], object]) -> Play:
    def played(_world: World) -> str:
        order_id = "00000000-0000-4000-8000-000000000000"
        call(order_id)
        return order_id

    return played


BAD = {"event": "bad request", "level": "INFO"}
REQUEST: Metrics = {"Requests": ONCE}
HTTP = [
    Scene(
        "an order", "CreateOrder", posted, REQUEST | {"OrdersAnnounced": ONCE},
        ({"event": "saga started", "level": "INFO", "published": "OrderCreated"},),
    ),
    Scene(
        "an order that is not published", "CreateOrder", posted_in_vain, REQUEST | {"PublishesLeftToRecovery": ONCE},
        ({
            "event": "publish left to recovery", "level": "WARNING",
            "reason": "not published: OrderCreated of {order}: ThrottlingException: slow down",
        },),
    ),
    Scene(
        "a bad order", "CreateOrder", lambda world: posted(world, quantity=0, currency="dollars"), REQUEST,
        (BAD | {"status": 422, "fields": ["quantity", "currency"]},),
    ),
    Scene("an order that is shown", "GetOrder", shown, REQUEST, ()),
    Scene(
        "an unknown order", "GetOrder", asked_for_in_vain(http.get), REQUEST,
        (BAD | {"status": 404, "fields": ["orderId"], "orderId": None},),
    ),
    Scene(
        "a cancellation", "CancelOrder", cancelled, REQUEST,
        ({"event": "saga stopped", "level": "INFO", "status": "CREATED"},),
    ),
    Scene(
        "a cancellation of an unknown order", "CancelOrder", asked_for_in_vain(http.cancel), REQUEST,
        (BAD | {"status": 404, "fields": ["orderId"], "orderId": None},),
    ),
]  # fmt: skip


def recovered(world: World, story: Story = HAPPY, at: int = 0, **event: Any) -> str | None:
    """Run recovery 500 seconds after an order was placed; return the order's id."""
    world.stack.remove_records()
    order = world.begin(story, at)
    world.set_age(timedelta(seconds=500))
    recover_orders.handler(event, Context())
    return order.order_id


def recovered_above_the_ceiling(world: World) -> str:
    """Run recovery with two orders that are due and a ceiling of one a run; return the id of that one."""
    world.stack.remove_records()
    for _ in range(2):
        world.begin(HAPPY)
    world.set_age(timedelta(seconds=500))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Settings, "most_recovered_a_run", 1)
        recover_orders.handler({}, Context())
    return str(world.published[-1].content["orderId"])


def not_recovered(world: World) -> str | None:
    """Run recovery over an order whose record makes no event."""
    world.stack.remove_records()
    order = world.begin(HAPPY)
    world.stack.put_record(order.record(0) | {"quantity": "many"})
    world.set_age(timedelta(seconds=500))
    recover_orders.handler({}, Context())
    return order.order_id


def recovered_without_time(world: World) -> None:
    world.stack.remove_records()
    world.begin(HAPPY)
    world.set_age(timedelta(seconds=500))
    with pytest.raises(IncompleteRunError):
        recover_orders.handler({}, Context(60_000, 1))


def run(recovered: int = 0, postponed: int = 0, oldest: float = 500, waiting: float = 0) -> Metrics:
    """Return the metrics of a run of recovery."""
    return {
        "Recovered": ("Count", [float(recovered)]),
        "Postponed": ("Count", [float(postponed)]),
        "OldestInFlight": ("Seconds", [float(oldest)]),
        "OldestWaiting": ("Seconds", [float(waiting)]),
    }


def run_line(recovered: int = 0, postponed: int = 0, *, complete: bool = True) -> dict[str, Any]:
    """Return the line of a run of recovery."""
    said = {"recovered": recovered, "postponed": postponed, "oldestSeconds": 500.0, "complete": complete}
    return {"event": "recovery", "level": "INFO", "orderId": None, "correlation_id": None, **said}


def again(event: str) -> dict[str, Any]:
    return {"event": "event recovered", "level": "INFO", "published": event}


RECOVERY = [
    Scene("a stuck order", "RecoverOrders", recovered, run(1), (again("OrderCreated"), run_line(1))),
    Scene(
        "a pending payment", "RecoverOrders", lambda world: recovered(world, NEVER_PAID, 2), run(1, 0, 0, 500),
        (again("PaymentPending"), run_line(1)),
    ),
    Scene(
        "above the ceiling", "RecoverOrders", recovered_above_the_ceiling, run(1, 1),
        (again("OrderCreated"), run_line(1, 1)),
    ),
    Scene(
        "an unreadable record", "RecoverOrders", not_recovered, run() | {"UnreadableRecords": ONCE},
        (
            {
                "event": "unreadable record", "level": "ERROR", "correlation_id": None,
                "reason": "CREATED makes no event: ValidationError",
            },
            run_line(),
        ),
    ),
    Scene(
        "no time left", "RecoverOrders", recovered_without_time, run(),
        (
            {"event": "recovery left to its retry", "level": "WARNING", "reason": "there is no time left"},
            run_line(complete=False),
        ),
    ),
]  # fmt: skip


def hinted(story: Story | None = NEVER_PAID, at: int = 2, *, refund_failed: bool = False, forged: bool = False) -> Play:
    """Return the scene in which the provider hints at an order's payment, or at one that nobody knows."""

    def played(world: World) -> str | None:
        order = world.begin(story, at) if story else None

        def webhook(_headers: object, _body: object) -> Hint:
            if forged:
                raise ForgedHintError
            return Hint(order.order_id if order else "of-nobody", refund_failed=refund_failed)

        vars(world.gateway)["webhook"] = webhook
        receive_payment_hint.handler(http.request(path="/payments/hints", headers={}, body="{}"), Context())
        return order.order_id if order else None

    return played


def hint_line(**more: Any) -> dict[str, Any]:
    return {"event": "hint", "level": "INFO", "refundFailed": False, **more}


HINTED: Metrics = {"Hints": ONCE}
HINTS = [
    Scene(
        "a pending payment", "ReceivePaymentHint", hinted(), HINTED,
        (hint_line(status="PAYMENT_PENDING"), again("PaymentPending")),
    ),
    Scene(
        "a refund that came back", "ReceivePaymentHint", hinted(UNDELIVERABLE, 5, refund_failed=True),
        HINTED | {"RefundsFailed": ONCE}, (hint_line(status="INVENTORY_RELEASED", refundFailed=True),),
    ),
    Scene("nobody's payment", "ReceivePaymentHint", hinted(None), HINTED, (hint_line(correlation_id="of-nobody"),)),
    Scene("a forged call", "ReceivePaymentHint", hinted(None, forged=True), {"ForgedHints": ONCE}, ()),
]  # fmt: skip
SCENES = [*STEPS, *HTTP, *RECOVERY, *HINTS]
