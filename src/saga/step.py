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

Consumed = TypeVar("Consumed", bound=Event)
Outcome = TypeVar("Outcome", bound=Event)
Companion = Callable[[Any], "UpdateTypeDef"]
Undo = Callable[[Any], None]


class PoisonEventError(Exception):
    """The event is malformed, or none that this step consumes: no retry helps, it belongs in the dead-letter queue."""


class ContradictoryEventError(Exception):
    """The event tells of something that never happened to its order."""


class Delivery(StrEnum):
    """What the delivery of an event turned out to be."""

    FIRST = "first"
    DUPLICATE = "duplicate"
    STALE = "stale"
    LOST_RACE = "lost race"


Taken = tuple[Delivery, Event | None, str | None]
"""What a delivery turned out to be, the event that it made a step publish, and that event's id on the bus."""

METRIC_OF = {
    Delivery.FIRST: "FirstDeliveries",
    Delivery.DUPLICATE: "Duplicates",
    Delivery.STALE: "StaleEvents",
    Delivery.LOST_RACE: "LostRaces",
}


class Step(Generic[Consumed, Outcome]):
    """A Lambda handler around a decision: a function from the event that it consumes to the event that it publishes.

    What the step consumes and publishes is read from the function's annotations. Every step goes the same way: decide,
    move the order with one conditional write, publish. A step that dies before the write never happened; one that dies
    after it is completed when the event comes again, through Lambda's retries or through recovery.
    """

    def __init__(
        self,
        decide: Callable[[Consumed], Outcome],
        *,
        transact_with: Mapping[type[Event], Companion] | None = None,
        on_condition_failed: Callable[[Consumed], Outcome] | None = None,
        undo: Mapping[type[Event], Undo] | None = None,
    ) -> None:
        update_wrapper(self, decide)
        hints = get_type_hints(decide)
        self.publishes = _event_types(hints.pop("return"))
        self.consumes = _event_types(*hints.values())
        for event in (*self.consumes, *self.publishes):
            event.model_rebuild()
        self._decide = decide
        self._together_with = transact_with or {}
        self._if_refused = on_condition_failed
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
                "consumed": event.get("detail-type"),
                "consumedId": event.get("id"),
                "reason": f"{type(error).__name__}: {error}",
                "milliseconds": _milliseconds_since(began),
            }
            logger.warning("step failed", extra=failed)
            raise
        finally:
            metrics.add_metric(name=counted, unit=MetricUnit.Count, value=1)
        return line

    def _handle(self, event: dict[str, Any], began: float) -> dict[str, Any]:
        consumed = self._consume(event)
        logger.set_correlation_id(consumed.order_id)
        delivery, published, published_id = self._take(consumed)
        line = {
            "orderId": consumed.order_id,
            "consumed": consumed.detail_type,
            "consumedId": event.get("id"),
            # Only an event of a replay has it (Amazon EventBridge User Guide, "Replaying archived events").
            "replay": event.get("replay-name"),
            "delivery": delivery,
            "published": published.detail_type if published else None,
            "publishedId": published_id,
            "milliseconds": _milliseconds_since(began),
        }
        logger.info("step", extra=line)
        return line

    def _consume(self, event: dict[str, Any]) -> Consumed:
        detail_type = event.get("detail-type") or "an event without detail-type"
        consumed = {candidate.detail_type: candidate for candidate in self.consumes}.get(detail_type)
        if consumed is None:
            expected = " or ".join(candidate.detail_type for candidate in self.consumes)
            raise PoisonEventError(f"{detail_type} is not consumed here, only {expected}")
        try:
            return cast("Consumed", consumed.model_validate(event.get("detail") or {}))
        except ValidationError as error:
            wrong = "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors())
            # Not "from error": it would print the values, and they are a customer's.
            raise PoisonEventError(f"{detail_type} is malformed: {wrong}") from None

    def _take(self, consumed: Consumed) -> Taken:
        if overdue(consumed):
            order = orders_table.read(consumed.order_id)
            if order.status != consumed.status:
                return self._done_before(consumed, order)
        return self._commit(consumed, self._decide(consumed))

    def _commit(self, consumed: Consumed, outcome: Outcome) -> Taken:
        companion = self._together_with.get(type(outcome))
        try:
            orders_table.advance(consumed, outcome, companion(outcome) if companion else None)
        except CompanionRefusedError:
            if self._if_refused is None:
                raise
            return self._commit(consumed, self._if_refused(consumed))
        except OrderMovedOnError as moved:
            return self._done_before(consumed, moved.order, tried=outcome)
        count_progress(consumed, outcome)
        (published_id,) = publish(outcome)
        return Delivery.FIRST, outcome, published_id

    def _done_before(self, consumed: Consumed, order: Order, tried: Outcome | None = None) -> Taken:
        done = order.passed(self.publishes)
        if done is None:
            raise ContradictoryEventError(
                f"{consumed.detail_type} tells of order {order.order_id} what its history lacks; it is {order.status}"
            )
        undo = self._undo.get(type(tried)) if tried and tried.status != done else None
        if undo:
            undo(tried)
        if order.status != done:
            return Delivery.LOST_RACE if undo else Delivery.STALE, None, None
        again = order.event()
        (published_id,) = publish(again)
        return Delivery.LOST_RACE if undo else Delivery.DUPLICATE, again, published_id


@overload
def step(decide: Callable[[Consumed], Outcome], /) -> Step[Consumed, Outcome]: ...


@overload
def step(
    *,
    transact_with: Mapping[type[Event], Companion] | None = None,
    on_condition_failed: Callable[[Any], Event] | None = None,
    undo: Mapping[type[Event], Undo] | None = None,
) -> Callable[[Callable[[Consumed], Outcome]], Step[Consumed, Outcome]]: ...


def step(decide: Callable[[Any], Any] | None = None, /, **options: Any) -> Any:
    """Make a decision a step.

    `transact_with` gives, for an outcome, the write that goes with it in one transaction, and `on_condition_failed`
    what is decided when that write's own condition fails. `undo` gives, for an outcome, what takes it back in the
    outside world when the order turned out to have gone another way meanwhile.
    """
    return Step(decide, **options) if decide else partial(Step, **options)


def _milliseconds_since(began: float) -> float:
    return round((perf_counter() - began) * 1000, 1)


def _event_types(*hints: Any) -> tuple[type[Event], ...]:
    return tuple(member for hint in hints for member in (get_args(hint) or (hint,)))
