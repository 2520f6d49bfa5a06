"""POST /orders: accept an order, once."""

from uuid import uuid4

from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEvent
from botocore.exceptions import BotoCoreError, ClientError

from contract.events import OrderCreated
from orders.http import Answer, HttpError, answer, endpoint
from orders.new_order import idempotency_key, new_order
from orders.order_ids import OrderIds
from saga import table
from saga.bus import PublishError, publish
from saga.clock import now
from saga.record import Record
from saga.table import AlreadyExistsError
from saga.telemetry import Line, count, log, logger


@endpoint
def handler(request: APIGatewayProxyEvent) -> Answer:
    """Store the order and publish it; for a key that the customer used before, return the order stored under it."""
    key, order = idempotency_key(request), new_order(request)
    ids = OrderIds.of(order.customer_id, key) if key else OrderIds(str(uuid4()))
    created = OrderCreated.new(order_id=ids.own, created_at=now(), **dict(order))
    logger.set_correlation_id(created.order_id)
    try:
        table.create(created, ids.checks(created))
    except AlreadyExistsError as known:
        return answer_again(created, known.record)
    announce(created)
    return accepted(201, created.order_id, created.status)


def announce(created: OrderCreated) -> None:
    """Publish the order. A stored order is accepted: if this fails, recovery publishes it within a minute or two."""
    line: dict[str, str] = {"orderId": created.order_id}
    try:
        (published_id,) = publish(created)
    except (PublishError, ClientError, BotoCoreError) as error:
        count("PublishesLeftToRecovery")
        log(Line.LEFT_TO_RECOVERY, **line, reason=str(error))
    else:
        count("OrdersAnnounced")
        log(Line.STARTED, **line, published=created.detail_type, publishedId=published_id)


def answer_again(asked: OrderCreated, record: Record) -> Answer:
    """Answer for an order that is stored already. Raises `HttpError` 422 if it is not the one that is asked for."""
    stored = OrderCreated.from_fields(record.fields())
    logger.set_correlation_id(stored.order_id)
    if stored.model_copy(update={"order_id": asked.order_id, "created_at": asked.created_at}) != asked:
        fault = {"Idempotency-Key": "was used before for an order with another body"}
        raise HttpError(422, "the idempotency key belongs to another order", fault)
    if record.status == stored.status:
        announce(stored)
    # The same instant means this very request: botocore repeated a write whose answer was lost.
    return accepted(201 if stored == asked else 200, stored.order_id, record.status)


def accepted(status: int, order_id: str, order_status: str) -> Answer:
    """Return the answer for an order that is stored; its Location is relative to the URL that was called."""
    return answer(status, {"orderId": order_id, "status": order_status}, {"Location": f"./orders/{order_id}"})
