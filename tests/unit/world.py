"""The world of one test: the stack, the gateway's books, the clock, and orders in the midst of their stories."""

from dataclasses import dataclass
from datetime import timedelta
from importlib import import_module
from typing import Any
from uuid import uuid4

from pydantic.alias_generators import to_snake

from payments.gateway import Payment
from saga.step import Step
from tests.unit.books import Books
from tests.unit.moto_stack import Context, MotoStack
from tests.unit.scripted_gateway import ScriptedGateway
from tests.unit.stories import CONSUMED_BY, PLACED, SERVICE_OF, Move, Story, Told
from tests.unit.wire import Published
from tests.virtual_clock import VirtualClock

FUNCTIONS: dict[str, Step[Any, Any]] = {
    name: import_module(f"{SERVICE_OF[name]}.{to_snake(name)}").handler for name in sorted(set(CONSUMED_BY.values()))
}


def envelope(event: str, detail: object) -> dict[str, Any]:
    """Wrap a detail as EventBridge does."""
    return {
        "version": "0",
        "id": str(uuid4()),
        "detail-type": event,
        "source": "order-saga",
        "account": "123456789012",
        "time": "2026-01-31T09:30:00Z",
        "region": "us-east-1",
        "resources": [],
        "detail": detail,
    }


@dataclass(frozen=True)
class World:
    """Brings an order to a point of its story, lets steps consume events, and shows what became of it."""

    stack: MotoStack
    books: Books
    clock: VirtualClock
    gateway: ScriptedGateway

    def begin(self, story: Story, at: int = 0) -> Told:
        """Bring a new order to the event at `at` of a story: its record, its shelf and its money."""
        told = Told(story)
        self.gateway.says = story.says
        self.stack.put_record(told.record(at))
        self.stack.stock(told.sku, story.stock - told.held(at))
        if "PaymentCharged" in story.path[: at + 1]:
            self.gateway.status(self.payment(told))
        if {"PaymentRefunded", "RefundRefused"} & {*story.path[: at + 1]}:
            self.gateway.void(self.payment(told))
        return told

    def payment(self, told: Told) -> Payment:
        """Return an order's payment, as the gateway is asked for it."""
        return Payment(told.order_id, told.story.customer, told.known["amount"], told.known["currency"])

    def set_age(self, age: timedelta) -> None:
        """Set the age of orders."""
        self.clock.time = PLACED + age

    def deliver(self, event: str, detail: object, function: str | None = None) -> dict[str, Any]:
        """Deliver an event to the function that consumes it, or to `function`; gives what the function says."""
        return FUNCTIONS[function or CONSUMED_BY[event]](envelope(event, detail), Context())

    def play(self, move: Move, told: Told) -> dict[str, Any]:
        """Make one step of a story, at the time that the story has it."""
        self.set_age(move.age)
        return self.deliver(move.consumed, told.detail(move.consumed))

    @property
    def published(self) -> list[Published]:
        """Everything that the bus took, oldest first."""
        return self.stack.wire.published

    def stands(self, told: Told) -> tuple[object, ...]:
        """Return everything that may change about an order: to compare before and after."""
        key = told.order_id
        return self.stack.record(key), self.stack.shelf(told.sku), self.books.held(key), self.books.voided(key)
