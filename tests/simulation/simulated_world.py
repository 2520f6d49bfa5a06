"""A world for the handlers: AWS, providers and time, everything that happens in it, and what it did to whom."""

import importlib
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from types import ModuleType
from typing import Any, Self

import pytest

from contract import Saga
from saga import marks
from saga import table as records_table
from saga.bus import publish
from saga.clock import iso
from saga.marks import Act, Intervention, NotMarkedError
from saga.record import Record
from saga.recovery import ENOUGH_TIME
from saga.spacing import Spacing, Standing
from saga.table import from_item
from tests.simulation import BEGIN, invariants, stage, telemetry
from tests.simulation.bus import FakeEventBridge, Published
from tests.simulation.deployment import Function, deployment
from tests.simulation.dynamodb import FakeDynamoDB
from tests.simulation.faulty_wire import DEADLY, NO_FAULT, Death, FaultyWire, Invocation, Plan
from tests.simulation.shop import Shop
from tests.virtual_clock import VirtualClock
from tools.base.events import KEY, NOUN

A_MINUTE = timedelta(minutes=1)
ROUNDS = 20
"""Runs of recovery after which a world without faults must be quiet: each saga is due every 15 minutes, or earlier."""


@dataclass(eq=False)
class Delivery:
    """One event on its way to one function: in the queue, handled, or in the dead-letter queue."""

    function: Function
    published: Published
    failures: int = 0
    handled: bool = False
    dead: bool = False


@dataclass(eq=False)
class Recovering:
    """One run of recovery: its schedule event, and how often it failed."""

    event: dict[str, Any]
    failures: int = 0


@dataclass(frozen=True)
class Answered:
    """What a client asked for and what it was told."""

    key: str | None
    body: Mapping[str, Any]
    status: int
    saga_key: str | None


class SimulatedWorld:
    """Everything outside the handlers. Used as a context, it stands where AWS stands for them."""

    def __init__(self, **options: Any) -> None:
        self.clock = VirtualClock(BEGIN)
        self.wire = FaultyWire(self.clock)
        self.shop = Shop(self.wire, self.clock, **options)
        self.functions = deployment().functions
        self.deadline = deployment().deadline
        self.dynamodb = FakeDynamoDB(self.wire, deployment().tables)
        self.bus = FakeEventBridge(self.wire, self.clock, self.functions, deployment().buses, self._deliver)
        self.queue: list[Delivery] = []
        self.deliveries: list[Delivery] = []
        self.held_up: list[tuple[Invocation, Callable[[Invocation], None]]] = []
        self.answers: list[Answered] = []
        self.held: dict[str, tuple[datetime, str]] = {}
        """Since when sagas are held, and their statuses."""
        self.stopped: dict[str, tuple[str, int]] = {}
        """Why sagas were stopped, and how many statuses they had by then."""
        self.asked: Counter[tuple[str, str | None]] = Counter()
        """How often each owner of a key asked under it, whatever came of it."""
        self.load: Callable[[str], ModuleType] = importlib.import_module
        """Whence the modules of the handlers come: of which release they are."""
        self.failed_recoveries: list[Recovering] = []
        self.faults = 0
        self.counted: Counter[str] = Counter()
        """How often each event was counted."""
        self.verified: dict[tuple[str, str, int], Record] = {}
        self._told: list[str] = []
        self._names: dict[str, str] = {}
        self._read: dict[str, tuple[dict[str, Any], Record]] = {}
        self._broken = False
        self._patch = pytest.MonkeyPatch()
        for table, item in self.shop.items():
            self.dynamodb.put_at_start(table, item)

    def __enter__(self) -> Self:
        stage.put_on(self._patch, self.clock, (self.dynamodb, self.bus), self.shop, self.wire)
        return self

    def __exit__(self, *_failure: object) -> None:
        self._broken = True
        for invocation, _ in self.held_up:
            self.wire.let(partial(invocation.resume, killed=True), invocation)
        self._patch.undo()
        stage.forget()

    # --- what may happen -------------------------------------------------------------------------------------------

    def post(self, body: Mapping[str, Any], key: str | None = None, plan: Plan = NO_FAULT) -> Invocation:
        """Start a saga, as a client does."""
        starter = deployment().starter
        self.asked[body[self.shop.OWNER], key] += 1
        request = {
            "httpMethod": "POST",
            "path": starter.route,
            "headers": {"Idempotency-Key": key} if key else {},
            "body": json.dumps(body),
            "isBase64Encoded": False,
        }
        title = f"POST {starter.route} {request['body']}" + (f" under key {key}" if key else "")
        return self._invoke(stage.context(starter.name), title, request, plan, partial(self._answered, key, body))

    def deliver(self, delivery: Delivery, plan: Plan = NO_FAULT) -> Invocation:
        """Hand an event to its function, as Lambda does for an asynchronous invocation."""
        if delivery in self.queue:
            self.queue.remove(delivery)
        name, published = delivery.function.name, delivery.published
        title = f"{name} consumes {published.detail_type} of {self.name_of(published.key)}"
        return self._invoke(stage.context(name), title, published.envelope, plan, partial(self._delivered, delivery))

    def repeat(self, published: Published, function: Function) -> Delivery:
        """Put an event on its way to one function once more: a duplicate, a replay or a redrive."""
        delivery = Delivery(function, published)
        self.deliveries.append(delivery)
        self.queue.append(delivery)
        return delivery

    def recover(self, plan: Plan = NO_FAULT, *, hurried: bool = False) -> Invocation:
        """Run recovery, as its schedule does: with hardly any time left for it if it is hurried.

        A run that failed is repeated, as Lambda does for an asynchronous invocation.
        """
        failed, self.failed_recoveries = self.failed_recoveries, []
        for run in failed:
            self._recover(run, NO_FAULT)
        return self._recover(Recovering({"time": iso(self.clock.time)}), plan, hurried=hurried)

    def wait_until_due(self, key: str) -> None:
        """Advance the clock to the minute in which recovery is to publish the event of a saga."""
        for _ in range(ROUNDS):
            record = self.records()[key]
            spacing = Spacing(self.clock.time, len(self.records()))
            standing = Standing(key, iso(record.created_at), iso(record.updated_at), record.waits)
            if record.is_terminal or spacing.turn(standing):
                return
            self.wait(A_MINUTE)
        raise AssertionError(f"{self.name_of(key)} is never due")

    def _recover(self, run: Recovering, plan: Plan, *, hurried: bool = False) -> Invocation:
        function = deployment().recovery
        title = f"{function.name} runs" + (" in a hurry" if hurried else "") + (" again" if run.failures else "")
        context = stage.context(function.name, milliseconds=1 if hurried else 60_000)
        return self._invoke(context, title, run.event, plan, partial(self._recovered, run))

    def mark(self, *acts: Act, key: str, plan: Plan = NO_FAULT) -> Invocation:
        """Let an operator intervene in a saga; one that is released is published at once."""
        title = f"an operator has {self.name_of(key)} {' and '.join(acts)}"
        invocation = Invocation(title, partial(_intervene, acts, key), plan, self.clock.time + A_MINUTE)
        self._turn(invocation, self._ended, invocation.start, "")
        return invocation

    def call(self, function: str, title: str, request: dict[str, Any], plan: Plan = NO_FAULT) -> Invocation:
        """Let somebody call a function that starts no saga; nothing follows its answer."""
        return self._invoke(stage.context(function), title, request, plan, self._ended)

    def resume(self, number: int) -> None:
        """Resume a function that was held up; after its timeout it is dead instead."""
        invocation, on_end = self.held_up.pop(number)
        self._turn(
            invocation, on_end, partial(invocation.resume, killed=self.clock.time > invocation.dies_at), "goes on"
        )

    def wait(self, time: timedelta) -> None:
        """Advance the clock; functions that are held up for longer than they may run are dead."""
        until = self.clock.time + time
        self.tell(f"{time} pass")
        for invocation, on_end in list(self.held_up):
            if invocation.dies_at < until:
                self.held_up.remove((invocation, on_end))
                self.clock.time = max(self.clock.time, invocation.dies_at)
                self._turn(invocation, on_end, partial(invocation.resume, killed=True), "waits on")
        self.clock.time = until

    def lose(self, delivery: Delivery) -> None:
        """Move an event to the dead-letter queue without handling it."""
        self.queue.remove(delivery)
        delivery.dead = True
        self.tell(f"{delivery.published.detail_type} goes to the dead-letter queue")

    def settle(self) -> None:
        """Stop all faults, deliver and recover until nothing is in flight, then check every invariant."""
        self.tell("faults stop")
        for provider in self.shop.providers.values():
            provider.down = False
        while self.held_up:
            self.resume(0)
        for key, record in self.records().items():
            if record.held:
                self.mark(Act.RELEASE, key=key)
        # What cannot end before, ends at its deadline.
        for pause in (*[A_MINUTE] * ROUNDS, deployment().last_deadline, *[A_MINUTE] * ROUNDS):
            while self.queue:
                self.deliver(self.queue[0])
            if all(record.is_terminal for record in self.records().values()):
                break
            self.wait(pause)
            self.recover()
        with self.telling():
            invariants.at_rest(self)
            telemetry.counted_once_each(self, self.records())

    # --- what the proof looks at -----------------------------------------------------------------------------------

    def records(self) -> dict[str, Record]:
        """Return all stored records."""
        return {key: self._record(key, item) for key, item in self.dynamodb.items[deployment().records].items()}

    def name_of(self, key: str) -> str:
        """Return a saga's name in the story."""
        return self._names.setdefault(key, f"{NOUN}-{len(self._names) + 1}")

    def tell(self, line: str) -> None:
        """Add a line to the story."""
        self._told.append(line)

    def story(self) -> str:
        """Return what happened, one line for each action."""
        return "\n".join(["What happened:", *(f"{number:3}. {line}" for number, line in enumerate(self._told, 1))])

    @contextmanager
    def telling(self) -> Iterator[None]:
        """Add the story to a broken invariant."""
        try:
            yield
        except AssertionError as error:
            if not self._broken:
                self._broken = True
                error.add_note(self.story())
            raise

    @property
    def broken(self) -> bool:
        """Return whether an invariant broke already, or this world is over."""
        return self._broken

    # --- how it goes -----------------------------------------------------------------------------------------------

    def _invoke(
        self,
        context: Any,
        title: str,
        event: dict[str, Any],
        plan: Plan,
        on_end: Callable[[Invocation], None],
    ) -> Invocation:
        function = self.functions[context.function_name]
        module, attribute = function.handler.rsplit(".", 1)
        run = partial(getattr(self.load(module), attribute), event, context)
        invocation = Invocation(title, run, plan, self.clock.time + function.timeout)
        invocation.function, invocation.event = function, event
        if context.get_remaining_time_in_millis() < ENOUGH_TIME:
            invocation.fired.append("is short of time")
        self._turn(invocation, on_end, invocation.start, "")
        return invocation

    def _turn(
        self, invocation: Invocation, on_end: Callable[[Invocation], None], run: Callable[[], None], how: str
    ) -> None:
        with self.telling():
            before = len(invocation.fired)
            self.wire.let(run, invocation)
            struck = invocation.fired[before:]
            self.faults += len(struck)
            if not invocation.finished:
                self.held_up.append((invocation, on_end))
                struck = [*struck, f"is held up at {invocation.held_up_at}"]
                self.faults += 1
            self.tell(", ".join([f"{invocation.title}{' ' if how else ''}{how}", *struck]))
            if invocation.finished:
                invariants.failed_for_a_reason(invocation, DEADLY, Death)
                on_end(invocation)
                invariants.said_what_it_did(self, invocation)
                telemetry.told_what_happened(self, invocation)
            invariants.always(self)

    def _record(self, key: str, item: dict[str, Any]) -> Record:
        # A write replaces the item, so the same item is the same record; reading each anew would take half the time.
        known = self._read.get(key)
        if known is None or known[0] is not item:
            known = self._read[key] = (item, Record.from_item(from_item(item), Saga))
        return known[1]

    def _deliver(self, published: Published) -> None:
        invariants.published_after_its_write(self, published)
        for function in published.consumers:
            self.repeat(published, function)

    def _delivered(self, delivery: Delivery, invocation: Invocation) -> None:
        if invocation.failure is None:
            delivery.handled = True
            return
        delivery.failures += 1
        if delivery.failures < delivery.function.attempts:
            self.queue.append(delivery)
        else:
            delivery.dead = True
            self.tell(f"{delivery.published.detail_type} goes to the dead-letter queue")

    def _answered(self, key: str | None, body: Mapping[str, Any], invocation: Invocation) -> None:
        if invocation.failure is None:
            answer = invocation.answer
            saga_key = json.loads(answer["body"]).get(KEY)
            self.answers.append(Answered(key, body, answer["statusCode"], saga_key))
            self.tell(
                f"  the answer is {answer['statusCode']}" + (f" for {self.name_of(saga_key)}" if saga_key else "")
            )

    def _recovered(self, run: Recovering, invocation: Invocation) -> None:
        run.failures += invocation.failure is not None
        if invocation.failure is not None and run.failures < deployment().recovery.attempts:
            self.failed_recoveries.append(run)

    def _ended(self, _invocation: Invocation) -> None:
        """Nothing follows: what was called is not called again."""


def _intervene(acts: tuple[Act, ...], key: str) -> dict[str, bool]:
    done = False
    for act in acts:
        try:
            marks.put(Intervention(act, by="somebody", why="a reason"), key, Saga)
        except NotMarkedError:
            continue
        done = True
        if act is Act.RELEASE:
            record = records_table.read(key, Saga)
            if not record.is_terminal:
                publish(record.event())
    return {"done": done}
