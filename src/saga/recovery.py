"""Recovery: it publishes the current event of every stuck saga again, so that nothing stays stuck.

It writes nothing, so it does no harm to run it twice, late, or in part. The record is the outbox: a lost event is
rebuilt from it byte for byte. Steps are idempotent: an event that was not lost is a duplicate. Giving up is a step's
decision. A run covers the minute of its schedule event, so its retry covers the same minute again; a run that never
happens costs its sagas one gap, until they are due again (see `saga.spacing`).
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from typing import Any, NamedTuple, TypeVar

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.exceptions import BotoCoreError, ClientError
from tenacity import retry, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from saga import clock, in_flight
from saga.bus import MAX_BATCH, PublishError, publish
from saga.event import Event
from saga.in_flight import BATCH, MakesNoEventError, UnprocessedKeysError
from saga.settings import settings
from saga.spacing import Spacing
from saga.telemetry import Line, count, log, logger

Answer = TypeVar("Answer")
Thing = TypeVar("Thing")

WORKERS = 8
"""Concurrent batches; a client has ten connections."""
ENOUGH_TIME = 15_000
"""Milliseconds, far more than a batch takes; with less time left, the rest is left to the retry."""


class IncompleteRunError(Exception):
    """A run could not publish all that was due. Lambda retries it, and it covers the same minute again."""


class ShortOfTimeError(Exception):
    """The function is about to reach its timeout."""


FAULTS = (ShortOfTimeError, PublishError, UnprocessedKeysError, BotoCoreError, ClientError)
"""Errors of one batch that do not stop the others."""


class Batch(NamedTuple):
    """The result of a batch: the published events with their ids on the bus, and why others were not published."""

    published: list[tuple[Event, str]]
    unreadable: list[MakesNoEventError]
    faults: list[Exception]


def recover(root: type[Event], event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Recover the sagas with this root that are due in the minute of a schedule event; return what the log line says.

    The line says how many were published again, how many were due above the ceiling, the age of the oldest in flight in
    seconds, and whether the run was complete. Instead of a schedule event, `{"recover": "all"}` recovers all stuck
    sagas and `{"recover": [keys]}` these; the ceiling applies to them too. Raises `IncompleteRunError` if a scheduled
    run was not complete.
    """
    run, wanted = Run(root, context), event.get("recover")
    until = clock.now() if wanted or "time" not in event else datetime.fromisoformat(event["time"])
    due = wanted if isinstance(wanted, list) else run.due(until, everything=wanted == "all")
    most = settings().most_recovered_a_run or len(due)
    run.publish(due[:most])
    done = {
        "recovered": run.recovered,
        "postponed": len(due[most:]),
        "oldestSeconds": max(run.oldest.values()),
        "complete": not run.faults,
    }
    count("Recovered", run.recovered)
    count("Postponed", len(due[most:]))
    count("OldestInFlight", run.oldest[False], MetricUnit.Seconds)
    count("OldestWaiting", run.oldest[True], MetricUnit.Seconds)
    log(Line.RECOVERY, **done)
    if run.faults and not wanted:
        raise IncompleteRunError(f"the run of {clock.iso(until)} published {run.recovered}, and not all that was due")
    return done


class Run:
    """One run of recovery: what it found, what it published, and what it could not publish."""

    def __init__(self, root: type[Event], context: LambdaContext) -> None:
        self._root, self._context = root, context
        self.recovered, self.faults = 0, set[str]()
        self.oldest = {False: 0.0, True: 0.0}
        """The age in seconds of the oldest saga, and of the oldest that waits for somebody outside."""

    def due(self, until: datetime, *, everything: bool) -> list[str]:
        """Return the keys of the sagas that are due in the minute up to `until`, most urgent first."""
        # The young ones too: somebody may have stopped one.
        keys = list(in_flight.keys(until, self._root))
        spacing, turns = Spacing(until, len(keys)), []
        with ThreadPoolExecutor(WORKERS) as pool:
            read = partial(in_flight.standings, root=self._root)
            for batch in self._done(pool.map(partial(self._try, read), _in_batches(keys, BATCH))):
                for saga in batch:
                    age = spacing.age(saga)
                    self.oldest[saga.waits] = max(self.oldest[saga.waits], age)
                    if turn := spacing.turn(saga, everything=everything):
                        turns.append(turn)
        return [turn.key for turn in sorted(turns)]

    def publish(self, keys: list[str]) -> None:
        """Publish the current events of these sagas, at most `RecoveryPerSecond` a second."""
        ceiling, publish = settings().recovery_per_second, partial(self._try, self._publish)
        with ThreadPoolExecutor(WORKERS) as pool:
            # Several batches a second: a provider, and Lambda, are not to get all events of a second at once.
            size = min(max(ceiling // 4, MAX_BATCH), ceiling, BATCH) if ceiling else BATCH
            batches = _in_batches(keys, size)
            for batch in self._done(pool.map(publish, _paced(batches, size / ceiling) if ceiling else batches)):
                for record in batch.unreadable:
                    _log_unreadable(record, self._root)
                for event, event_id in batch.published:
                    _log_published(event, event_id)
                self.recovered += len(batch.published)
                self._note(*batch.faults)

    def _publish(self, keys: Sequence[str]) -> Batch:
        found = list(in_flight.events(keys, self._root))
        batch = Batch([], [each for each in found if isinstance(each, MakesNoEventError)], [])
        for left in _in_batches([each for each in found if isinstance(each, Event)], MAX_BATCH):
            try:
                publish_left(left, batch.published)
            except FAULTS as fault:
                batch.faults.append(fault)
        return batch

    def _try(self, task: Callable[[Sequence[str]], Answer], keys: Sequence[str]) -> Answer | Exception:
        """Return the result of a task for a batch, or its error: the other batches go on."""
        try:
            if self._context.get_remaining_time_in_millis() < ENOUGH_TIME:
                raise ShortOfTimeError("there is no time left")
            return task(keys)
        except FAULTS as fault:
            return fault

    def _done(self, answers: Iterable[Answer | Exception]) -> Iterator[Answer]:
        for answer in answers:
            if isinstance(answer, Exception):
                self._note(answer)
            else:
                yield answer

    def _note(self, *faults: Exception) -> None:
        """Log the errors of batches, each distinct one once."""
        for reason in {str(fault) for fault in faults} - self.faults:
            self.faults.add(reason)
            log(Line.LEFT_TO_RETRY, reason=reason)


@retry(
    retry=retry_if_exception_type(PublishError),
    wait=wait_random_exponential(multiplier=0.05, max=1),
    stop=stop_after_attempt(3),
    reraise=True,
)
def publish_left(left: list[Event], published: list[tuple[Event, str]]) -> None:
    """Publish what is left of a batch; raise `PublishError` if EventBridge rejects some of it repeatedly."""
    try:
        ids = publish(*left)
    except PublishError as error:
        published += [(event, taken) for event, taken in zip(left, error.ids, strict=True) if taken]
        left[:] = [event for event, taken in zip(left, error.ids, strict=True) if not taken]
        raise
    published += zip(left, ids, strict=True)


def _in_batches(of: Sequence[Thing], size: int) -> list[list[Thing]]:
    return [list(of[start : start + size]) for start in range(0, len(of), size)]


def _paced(batches: Iterable[Thing], apart: float) -> Iterator[Thing]:
    """Yield one batch after the other, this many seconds apart."""
    began = clock.now()
    for number, batch in enumerate(batches):
        early = began + timedelta(seconds=number * apart) - clock.now()
        time.sleep(max(0.0, early.total_seconds()))
        yield batch


def _log_published(event: Event, event_id: str) -> None:
    """Log one event under its saga's key, so that `make trace` shows it."""
    logger.set_correlation_id(event.key)
    log(Line.RECOVERED, **{event.key_name: event.key}, published=event.detail_type, publishedId=event_id)
    logger.set_correlation_id(None)


def _log_unreadable(record: MakesNoEventError, root: type[Event]) -> None:
    count("UnreadableRecords")
    log(Line.UNREADABLE_RECORD, **{root.key_name: record.key}, reason=str(record))
