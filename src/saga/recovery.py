"""Recovery: nothing stays stuck. It publishes the current event of every saga that is in flight for too long again.

It writes nothing, so running it twice, or late, or half, harms nothing: the record is the outbox, so a lost event is
rebuilt from it byte for byte; steps are idempotent, so an event that was not lost is a duplicate; and giving up is a
step's decision. What a run does not reach, the next one does.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import ValidationError

from saga import in_flight
from saga.bus import MAX_BATCH, PublishError, publish
from saga.clock import now
from saga.event import Event
from saga.record import Record
from saga.settings import settings
from saga.table import SHARDS
from saga.telemetry import Line, count, log, logger

ENOUGH_TIME = 15_000
"""Milliseconds, far more than a page takes; with less left, the rest waits for the next run."""


def recover(root: type[Event], context: LambdaContext) -> dict[str, Any]:
    """Recover the sagas with this root, page by page, while there is enough time; return what the log line says.

    That is how many were published again, the age of the oldest in flight in seconds, and whether all were looked at.
    """
    began = now()
    stuck_since, recovered, complete = began - settings().recover_after, 0, True
    oldest = {False: began, True: began}
    # Every run begins with another shard: if there is not enough time for all, others wait each time.
    for page in in_flight.created_before(stuck_since, root, first_shard=began.minute % SHARDS):
        in_flight_still = [record for record in page if not record.is_terminal]
        recovered += publish_again([record for record in in_flight_still if record.updated_at <= stuck_since])
        for record in in_flight_still:
            oldest[record.waits] = min(oldest[record.waits], record.created_at)
        if context.get_remaining_time_in_millis() < ENOUGH_TIME:
            complete = False
            break
    ages = {waits: (began - created_at).total_seconds() for waits, created_at in oldest.items()}
    done = {"recovered": recovered, "oldestSeconds": max(ages.values()), "complete": complete}
    count("Recovered", recovered)
    count("OldestInFlight", ages[False], MetricUnit.Seconds)
    count("OldestWaiting", ages[True], MetricUnit.Seconds)
    log(Line.RECOVERY, **done)
    return done


def publish_again(records: list[Record]) -> int:
    """Publish the current events of these records, and return how many; one that fails waits for the next run."""
    events, recovered = list(_rebuilt(records)), 0
    for start in range(0, len(events), MAX_BATCH):
        batch = events[start : start + MAX_BATCH]
        ids: Sequence[str | None]
        try:
            ids = publish(*batch)
        except PublishError as error:
            ids = error.ids
            log(Line.LEFT_TO_NEXT_RUN, reason=str(error))
        for event, event_id in zip(batch, ids, strict=True):
            if event_id:
                recovered += 1
                _log(event, event_id)
    return recovered


def _rebuilt(records: list[Record]) -> Iterator[Event]:
    for record in records:
        try:
            yield record.event()
        except (KeyError, ValidationError) as error:
            in_flight.count_unreadable(
                record.key_name, record.key, f"{record.status} makes no event: {type(error).__name__}"
            )


def _log(event: Event, event_id: str) -> None:
    """Log one event under its saga's key, so that the saga's story has it."""
    logger.set_correlation_id(event.key)
    log(Line.RECOVERED, **{event.key_name: event.key}, published=event.detail_type, publishedId=event_id)
    logger.set_correlation_id(None)
