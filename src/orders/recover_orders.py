"""Nothing stays stuck: publish the current event of every order that is in flight for too long, once more.

That is all it does. The record is the outbox, so a lost event is rebuilt from it; steps are idempotent, so an event
that was not lost does no harm; and giving up is the step's own decision. It writes nothing.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import ValidationError

from saga import in_flight
from saga.bus import MAX_BATCH, PublishError, publish
from saga.clock import now
from saga.events import Event
from saga.observability import logger, metrics
from saga.order import Order
from saga.orders_table import SHARDS
from saga.settings import settings

ENOUGH_TIME = 15_000
"""Milliseconds, far more than a page takes; with less left, the rest waits for the next run."""


@metrics.log_metrics
@logger.inject_lambda_context(clear_state=True)
def handler(_event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Publish again what stands still; gives what the log line says."""
    said = recover(now(), context)
    metrics.add_metric(name="Recovered", unit=MetricUnit.Count, value=said["published"])
    metrics.add_metric(name="OldestInFlight", unit=MetricUnit.Seconds, value=said["oldestSeconds"])
    logger.info("recovery", extra=said)
    return said


def recover(began: datetime, context: LambdaContext) -> dict[str, Any]:
    """Publish again what stands still, page by page, while there is enough time; tells how it went."""
    stuck_since, oldest, published, complete = began - settings().recover_after, began, 0, True
    # Every run begins with another shard: when there is not enough time for all, it is not always the same that wait.
    for page in in_flight.created_before(stuck_since, first_shard=began.minute % SHARDS):
        waiting = [order for order in page if not order.is_terminal]
        published += publish_again([order for order in waiting if order.updated_at <= stuck_since])
        oldest = min([oldest, *(order.created_at for order in waiting)])
        if context.get_remaining_time_in_millis() < ENOUGH_TIME:
            complete = False
            break
    return {"published": published, "oldestSeconds": (began - oldest).total_seconds(), "complete": complete}


def publish_again(orders: list[Order]) -> int:
    """Publish the current events of these orders, and give how many were; one that fails is left to the next run."""
    events, published = list(rebuilt(orders)), 0
    for start in range(0, len(events), MAX_BATCH):
        batch = events[start : start + MAX_BATCH]
        ids: Sequence[str | None]
        try:
            ids = publish(*batch)
        except PublishError as error:
            ids = error.ids
            logger.warning("left to the next run", extra={"reason": str(error)})
        again = [(event, event_id) for event, event_id in zip(batch, ids, strict=True) if event_id]
        published += len(again)
        tell(again)
    return published


def tell(again: list[tuple[Event, str]]) -> None:
    """Log each event that was published again, under its order's id, so that the order's story has it."""
    for event, event_id in again:
        logger.set_correlation_id(event.order_id)
        told = {"orderId": event.order_id, "published": event.detail_type, "publishedId": event_id}
        logger.info("published again", extra=told)
    logger.set_correlation_id(None)


def rebuilt(orders: list[Order]) -> Iterator[Event]:
    """Give the orders' current events; a record that makes none is told, and does not hold up the others."""
    for order in orders:
        try:
            yield order.event()
        except (KeyError, ValidationError) as error:
            in_flight.count_unreadable(order.order_id, f"{order.status} makes no event: {type(error).__name__}")
