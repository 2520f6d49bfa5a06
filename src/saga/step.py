"""The step: what all steps have in common, wrapped around the decision that is specific to each."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from enum import StrEnum
from functools import partial, update_wrapper
from time import perf_counter
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar, cast, get_args, get_type_hints, overload

from aws_lambda_powertools.utilities.data_classes import EventBridgeEvent
from aws_lambda_powertools.utilities.parser import parse
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import ValidationError

from saga import table
from saga.bus import publish
from saga.deferral import Deferral
from saga.event import Event
from saga.record import Record
from saga.settings import settings
from saga.table import ConditionFailedError, MarkedError, MovedOnError, UnknownKeyError
from saga.telemetry import Line, count, count_progress, log, logger, observed

if TYPE_CHECKING:
    from saga.table import Write

Consumed = TypeVar("Consumed", bound=Event)
Outcome = TypeVar("Outcome", bound=Event)


TIMED_OUT = "timed out"
"""The reason for giving up a saga that is past its deadline."""
NEVER_GONE_BEFORE = timedelta(days=14)
"""Age below which no record has expired: the template allows no retention as short as a dead letter's."""


class PoisonEventError(Exception):
    """The event is malformed, or none that this step consumes: no retry helps, it goes to the dead-letter queue."""


class ContradictoryEventError(Exception):
    """The event contradicts its saga's history: according to the record it never happened."""


class Delivery(StrEnum):
    """What the delivery of an event turned out to be."""

    FIRST = "first"
    DEFERRED = "deferred"
    DUPLICATE = "duplicate"
    STALE = "stale"
    LOST_RACE = "lost race"
    HELD = "held"


METRIC_OF = {
    Delivery.FIRST: "FirstDeliveries",
    Delivery.DUPLICATE: "Duplicates",
    Delivery.STALE: "StaleEvents",
    Delivery.LOST_RACE: "LostRaces",
    Delivery.HELD: "HeldEvents",
}


class Result(NamedTuple):
    """What a delivery turned out to be, the event that the step published, its id on the bus, and why it waits."""

    delivery: Delivery
    published: Event | None = None
    published_id: str | None = None
    deferral: Deferral | None = None

    @property
    def metric(self) -> str:
        """What counts this delivery."""
        return self.deferral.metric if self.deferral else METRIC_OF[self.delivery]


class Step(Generic[Consumed, Outcome]):
    """A Lambda handler around a decision: a function from the event that it consumes to the event that it publishes.

    What the step consumes and publishes is read from the function's annotations. Every step works the same way: decide,
    update the record with one conditional write, publish. If a step dies before the write, nothing has happened; if it
    dies after the write, it is completed when the event is delivered again, by Lambda's retries or by recovery.

    Raises `TypeError` if an outcome follows no event that the step consumes, or a consumed event leads to no outcome.
    """

    def __init__(  # noqa: PLR0913  the options of `step`
        self,
        decide: Callable[[Consumed], Outcome],
        *,
        transact_with: "Mapping[type[Event], Callable[[Any], Sequence[Write]]] | None" = None,
        on_condition_failed: "Callable[[Consumed, Write], Outcome] | None" = None,
        give_up: Callable[[Consumed, str], Outcome] | None = None,
        last_try: bool = False,
        undo: Mapping[type[Event], Callable[[Any], None]] | None = None,
    ) -> None:
        update_wrapper(self, decide)
        hints = get_type_hints(decide)
        self.publishes = _event_types(hints.pop("return"))
        self.consumes = _event_types(*hints.values())
        self._decide = decide
        self._transact_with, self._undo = transact_with or {}, undo or {}
        self._on_condition_failed, self._abandon = on_condition_failed, give_up
        self._last_try = last_try
        self._check()
        for event in (*self.consumes, *self.publishes):
            event.model_rebuild()

        @observed
        def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
            # Not by @event_source: it logs an exception with its traceback, and that may hold personal data.
            return self._handle(EventBridgeEvent(event))

        self._handler = handler

    @property
    def gives_up(self) -> bool:
        """Whether the step gives up a saga that is past its deadline, or that somebody stopped."""
        return self._abandon is not None

    def __call__(self, event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
        """Handle one EventBridge event, and return what the step's log line says.

        Raises `PoisonEventError`, `ContradictoryEventError` and whatever AWS or a provider raised: Lambda retries the
        event and then sends it to the dead-letter queue.
        """
        answer: dict[str, Any] = self._handler(event, context)
        return answer

    def _handle(self, event: EventBridgeEvent) -> dict[str, Any]:
        began = perf_counter()
        line = {"consumed": event.get("detail-type"), "consumedId": event.get("id")}
        try:
            consumed = self._parse(event)
            logger.set_correlation_id(consumed.key)
            result = self._take(consumed)
        except Exception as error:
            count("Failures")
            reason = f"{type(error).__name__}: {error}"
            log(Line.STEP_FAILED, **line, reason=reason, milliseconds=_milliseconds_since(began))
            raise
        count(result.metric)
        line |= {
            consumed.key_name: consumed.key,
            "replay": event.replay_name,
            "delivery": result.delivery,
            "published": result.published.detail_type if result.published else None,
            "publishedId": result.published_id,
            "milliseconds": _milliseconds_since(began),
        }
        if result.deferral:
            line["reason"] = str(result.deferral)
        log(Line.STEP, **line)
        return line

    def _parse(self, event: EventBridgeEvent) -> Consumed:
        detail_type = event.get("detail-type") or "an event without detail-type"
        model = {candidate.detail_type: candidate for candidate in self.consumes}.get(detail_type)
        if model is None:
            expected = " or ".join(candidate.detail_type for candidate in self.consumes)
            raise PoisonEventError(f"{detail_type} is not consumed here, only {expected}")
        try:
            # As text: given a dict, Pydantic's strict mode would refuse what JSON has no type for, a date for example.
            return cast("Consumed", parse(event=cast("Any", json.dumps(event.get("detail"))), model=model))
        except ValidationError as error:
            wrong = "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors())
            raise PoisonEventError(f"{detail_type} is malformed: {wrong}") from None

    def _take(self, consumed: Consumed) -> Result:
        """Act on the event; if it is late, only after a consistent read.

        Events that recovery, a replay or a redrive delivers are late. By then the saga may have been stopped or held,
        or may have ended so long ago that its record has expired; and past the deadline a provider may have forgotten
        the key.
        """
        if not _is_late(consumed):
            return self._try(consumed)
        if result := self._look(consumed):
            return result
        if self._abandon and _is_overdue(consumed):
            return self._give_up(consumed, self._abandon)
        return self._try(consumed, looked=True)

    def _look(self, consumed: Consumed) -> Result | None:
        """Read the record; return a result if the saga has moved on, expired, or is held or stopped."""
        try:
            record = table.read(consumed.key, type(consumed))
        except UnknownKeyError:
            if not consumed.is_older_than(NEVER_GONE_BEFORE):
                raise
            return Result(Delivery.STALE)
        if record.status != consumed.status:
            return self._done_before(consumed, record)
        return self._heed(consumed, record)

    def _heed(self, consumed: Consumed, record: Record) -> Result | None:
        """Return the result that a mark leads to, None if no mark applies to this step."""
        if record.held:
            return Result(Delivery.HELD)
        if record.stopped and self._abandon:
            return self._commit(consumed, self._abandon(consumed, record.stopped), is_stop=True)
        return None

    def _try(self, consumed: Consumed, *, looked: bool = False) -> Result:
        try:
            outcome = self._decide(consumed)
        except Deferral as deferral:
            return self._defer(consumed, deferral, looked=looked)
        return self._commit(consumed, outcome)

    def _defer(self, consumed: Consumed, deferral: Deferral, *, looked: bool) -> Result:
        """Leave the event to recovery, unless the saga has moved on, was marked, or is now past its deadline."""
        if not looked and (result := self._look(consumed)):
            return result
        if self._abandon and _is_overdue(consumed):
            return self._expire(consumed, self._abandon)
        return Result(Delivery.DEFERRED, deferral=deferral)

    def _give_up(self, consumed: Consumed, abandon: Callable[[Consumed, str], Outcome]) -> Result:
        if self._last_try:
            try:
                outcome = self._decide(consumed)
            # Deferred again, or failed: that was the last try.
            except Exception:  # noqa: BLE001, S110
                pass
            else:
                return self._commit(consumed, outcome)
        return self._expire(consumed, abandon)

    def _expire(self, consumed: Consumed, abandon: Callable[[Consumed, str], Outcome]) -> Result:
        expired = abandon(consumed, TIMED_OUT)
        result = self._commit(consumed, expired)
        # It may have been stopped meanwhile, and given up for that.
        if result.published is expired:
            count("Expired")
        return result

    def _commit(self, consumed: Consumed, outcome: Outcome, *, is_stop: bool = False) -> Result:
        writes = self._transact_with.get(type(outcome))
        try:
            table.advance(
                consumed, outcome, writes(outcome) if writes else (), unless_stopped=self.gives_up and not is_stop
            )
        except ConditionFailedError as failed:
            if self._on_condition_failed is None:
                raise
            return self._commit(consumed, self._on_condition_failed(consumed, failed.write), is_stop=is_stop)
        except MovedOnError as moved:
            return self._done_before(consumed, moved.record, tried=outcome)
        except MarkedError as marked:
            # The external effect stays: a held saga uses it after its release, a stopped one compensates it.
            if result := self._heed(consumed, marked.record):
                return result
            raise
        count_progress(outcome)
        (published_id,) = publish(outcome)
        return Result(Delivery.FIRST, outcome, published_id)

    def _done_before(self, consumed: Consumed, record: Record, tried: Outcome | None = None) -> Result:
        done = record.passed(self.publishes)
        if done is None:
            raise ContradictoryEventError(
                f"{consumed.detail_type} of {record.key} is not in its history; it is at {record.status}"
            )
        undo = self._undo.get(type(tried)) if tried and not _may_stand(tried, record) else None
        deferral = self._take_back(undo, tried, record) if undo and tried else None
        if record.status != done:
            return Result(Delivery.LOST_RACE if undo else Delivery.STALE, deferral=deferral)
        if record.held:
            return Result(Delivery.LOST_RACE if undo else Delivery.HELD, deferral=deferral)
        again = record.event()
        (published_id,) = publish(again)
        return Result(Delivery.LOST_RACE if undo else Delivery.DUPLICATE, again, published_id, deferral)

    def _take_back(self, undo: Callable[[Any], None], tried: Outcome, record: Record) -> Deferral | None:
        """Undo an outcome; return the deferral if that is left to a compensation that the saga will still reach."""
        try:
            undo(tried)
        except Deferral as deferral:
            if not _is_to_be_compensated(tried, record):
                raise
            return deferral
        return None

    def _check(self) -> None:
        name = getattr(self._decide, "__module__", "")
        for outcome in self.publishes:
            if not set(outcome.follows) & set(self.consumes):
                follows = " or ".join(event.__name__ for event in outcome.follows)
                raise TypeError(f"{name} publishes {outcome.__name__}, which follows {follows or 'nothing'}")
        for event in self.consumes:
            if not any(event in outcome.follows for outcome in self.publishes):
                raise TypeError(f"{name} consumes {event.__name__}, and publishes nothing that follows it")
            if self.gives_up and not event.stoppable:
                raise TypeError(
                    f"{name} gives up what stands at {event.__name__}, which says nothing of stoppable=True"
                )
        for event in (*self._transact_with, *self._undo):
            if event not in self.publishes:
                raise TypeError(f"{name} does not publish {event.__name__}")


@overload
def step(decide: Callable[[Consumed], Outcome], /) -> Step[Consumed, Outcome]: ...


@overload
def step(
    *,
    transact_with: "Mapping[type[Event], Callable[[Any], Sequence[Write]]] | None" = None,
    on_condition_failed: "Callable[[Any, Write], Event] | None" = None,
    give_up: Callable[[Any, str], Event] | None = None,
    last_try: bool = False,
    undo: Mapping[type[Event], Callable[[Any], None]] | None = None,
) -> Callable[[Callable[[Consumed], Outcome]], Step[Consumed, Outcome]]: ...


def step(decide: Callable[[Any], Any] | None = None, /, **options: Any) -> Any:
    """Make a decision a step.

    `transact_with` maps an outcome to the writes, up to 99, that go into one transaction with the record's own.
    `on_condition_failed` decides if the condition of one of these writes fails, and is given that write. `give_up`
    decides instead of the function, given the reason, if the saga is past its deadline or was stopped. With `last_try`
    the function decides once more before the deadline counts, and `give_up` only if it cannot. `undo` maps an outcome
    to a function that undoes its external effect if the saga has meanwhile taken a branch that the outcome is not on;
    it may defer if the saga will still reach the event that compensates the outcome.
    """
    return Step(decide, **options) if decide else partial(Step, **options)


def _milliseconds_since(began: float) -> float:
    return round((perf_counter() - began) * 1000, 1)


def _may_stand(outcome: Event, record: Record) -> bool:
    """Return whether the outcome has happened in the saga or still may: then its external effect must not be undone."""
    return any(change.status == outcome.status for change in record.history) or outcome.follows_from(record.status)


def _is_to_be_compensated(outcome: Event, record: Record) -> bool:
    """Return whether the saga can still reach an event that compensates this one."""
    events = outcome.events.values()
    return any(event.compensates is type(outcome) and event.follows_from(record.status) for event in events)


def _is_late(consumed: Event) -> bool:
    """Return whether the event is older than the ones that a saga without failures delivers."""
    return consumed.is_older_than(settings().recover_after) or _is_overdue(consumed)


def _is_overdue(consumed: Event) -> bool:
    return consumed.is_older_than(settings().deadline_of(waits=consumed.waits))


def _event_types(*hints: Any) -> tuple[type[Event], ...]:
    return tuple(member for hint in hints for member in (get_args(hint) or (hint,)))
