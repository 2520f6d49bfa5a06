"""The step: everything that is the same for all of them, wrapped around the one thing that each decides."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import partial, update_wrapper
from time import perf_counter
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast, get_args, get_type_hints, overload

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import ValidationError

from saga import orders_table
from saga.bus import publish
from saga.deadline import overdue
from saga.events import Event
from saga.observability import count_progress, logger, metrics
from saga.order import Order
from saga.orders_table import CompanionRefusedError, OrderMovedOnError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import UpdateTypeDef

Heard = TypeVar("Heard", bound=Event)
Outcome = TypeVar("Outcome", bound=Event)
Companion = Callable[[Any], "UpdateTypeDef"]
Undo = Callable[[Any], None]


class PoisonEventError(Exception):
    """The event is malformed, or none that this step hears: no retry helps, it belongs in the dead-letter queue."""


class ContradictoryEventError(Exception):
    """The event tells of something that never happened to its order."""


class Delivery(StrEnum):
    """What the delivery of an event turned out to be."""

    FIRST = "first"
    DUPLICATE = "duplicate"
    STALE = "stale"
    LOST_RACE = "lost race"


Taken = tuple[Delivery, Event | None, str | None]
"""What a delivery turned out to be, the event that it made a step emit, and that event's id on the bus."""

METRIC_OF = {
    Delivery.FIRST: "FirstDeliveries",
    Delivery.DUPLICATE: "Duplicates",
    Delivery.STALE: "StaleEvents",
    Delivery.LOST_RACE: "LostRaces",
}


class Step(Generic[Heard, Outcome]):
    """A Lambda handler around a decision: a function from the event that the step hears to the event that it emits.

    What the step hears and emits is read from the function's annotations. Every step goes the same way: decide, move
    the order with one conditional write, publish. A step that dies before the write never happened; one that dies
    after it is completed when the event comes again, through Lambda's retries or through recovery.
    """

    def __init__(
        self,
        decide: Callable[[Heard], Outcome],
        *,
        together_with: Mapping[type[Event], Companion] | None = None,
        if_refused: Callable[[Heard], Outcome] | None = None,
        undo: Mapping[type[Event], Undo] | None = None,
    ) -> None:
        update_wrapper(self, decide)
        hints = get_type_hints(decide)
        self.emits = _event_types(hints.pop("return"))
        self.hears = _event_types(*hints.values())
        for event in (*self.hears, *self.emits):
            event.model_rebuild()
        self._decide = decide
        self._together_with = together_with or {}
        self._if_refused = if_refused
        self._undo = undo or {}
        self._with_logs_and_metrics = metrics.log_metrics(logger.inject_lambda_context(self._count, clear_state=True))

    def __call__(self, event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
        """Handle one EventBridge event; gives what the step's log line says.

        Raises `PoisonEventError`, `ContradictoryEventError` and whatever AWS or a provider raised: Lambda tries again
        and then hands the event to the dead-letter queue.
        """
        said: dict[str, Any] = self._with_logs_and_metrics(event, context)
        return said

    def _count(self, event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
        counted = "Failures"
        began = perf_counter()
        try:
            line = self._handle(event, began)
            counted = METRIC_OF[line["delivery"]]
        except Exception as error:
            failed = {
                "heard": event.get("detail-type"),
                "heardId": event.get("id"),
                "reason": f"{type(error).__name__}: {error}",
                "milliseconds": _milliseconds_since(began),
            }
            logger.warning("step failed", extra=failed)
            raise
        finally:
            metrics.add_metric(name=counted, unit=MetricUnit.Count, value=1)
        return line

    def _handle(self, event: dict[str, Any], began: float) -> dict[str, Any]:
        heard = self._hear(event)
        logger.set_correlation_id(heard.order_id)
        delivery, emitted, emitted_id = self._take(heard)
        line = {
            "orderId": heard.order_id,
            "heard": heard.detail_type,
            "heardId": event.get("id"),
            # Only an event of a replay has it (Amazon EventBridge User Guide, "Replaying archived events").
            "replay": event.get("replay-name"),
            "delivery": delivery,
            "emitted": emitted.detail_type if emitted else None,
            "emittedId": emitted_id,
            "milliseconds": _milliseconds_since(began),
        }
        logger.info("step", extra=line)
        return line

    def _hear(self, event: dict[str, Any]) -> Heard:
        detail_type = event.get("detail-type") or "an event without detail-type"
        heard = {candidate.detail_type: candidate for candidate in self.hears}.get(detail_type)
        if heard is None:
            expected = " or ".join(candidate.detail_type for candidate in self.hears)
            raise PoisonEventError(f"{detail_type} is not heard here, only {expected}")
        try:
            return cast("Heard", heard.model_validate(event.get("detail") or {}))
        except ValidationError as error:
            wrong = "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors())
            # Not "from error": it would print the values, and they are a customer's.
            raise PoisonEventError(f"{detail_type} is malformed: {wrong}") from None

    def _take(self, heard: Heard) -> Taken:
        if overdue(heard):
            order = orders_table.read(heard.order_id)
            if order.status != heard.status:
                return self._done_before(heard, order)
        return self._commit(heard, self._decide(heard))

    def _commit(self, heard: Heard, outcome: Outcome) -> Taken:
        companion = self._together_with.get(type(outcome))
        try:
            orders_table.advance(heard, outcome, companion(outcome) if companion else None)
        except CompanionRefusedError:
            if self._if_refused is None:
                raise
            return self._commit(heard, self._if_refused(heard))
        except OrderMovedOnError as moved:
            return self._done_before(heard, moved.order, tried=outcome)
        count_progress(heard, outcome)
        (emitted_id,) = publish(outcome)
        return Delivery.FIRST, outcome, emitted_id

    def _done_before(self, heard: Heard, order: Order, tried: Outcome | None = None) -> Taken:
        done = order.passed(self.emits)
        if done is None:
            raise ContradictoryEventError(
                f"{heard.detail_type} tells of order {order.order_id} what is not in its history; it is {order.status}"
            )
        undo = self._undo.get(type(tried)) if tried and tried.status != done else None
        if undo:
            undo(tried)
        if order.status != done:
            return Delivery.LOST_RACE if undo else Delivery.STALE, None, None
        again = order.event()
        (emitted_id,) = publish(again)
        return Delivery.LOST_RACE if undo else Delivery.DUPLICATE, again, emitted_id


@overload
def step(decide: Callable[[Heard], Outcome], /) -> Step[Heard, Outcome]: ...


@overload
def step(
    *,
    together_with: Mapping[type[Event], Companion] | None = None,
    if_refused: Callable[[Any], Event] | None = None,
    undo: Mapping[type[Event], Undo] | None = None,
) -> Callable[[Callable[[Heard], Outcome]], Step[Heard, Outcome]]: ...


def step(decide: Callable[[Any], Any] | None = None, /, **options: Any) -> Any:
    """Make a decision a step.

    `together_with` gives, for an outcome, the write that goes with it in one transaction, and `if_refused` what is
    decided when that write's own condition fails. `undo` gives, for an outcome, what takes it back in the outside
    world when the order turned out to have gone another way meanwhile.
    """
    return Step(decide, **options) if decide else partial(Step, **options)


def _milliseconds_since(began: float) -> float:
    return round((perf_counter() - began) * 1000, 1)


def _event_types(*hints: Any) -> tuple[type[Event], ...]:
    return tuple(member for hint in hints for member in (get_args(hint) or (hint,)))
