"""POST /orders: take an order, once."""

from uuid import uuid4

from aws_lambda_powertools.metrics import MetricUnit
from botocore.exceptions import BotoCoreError, ClientError

from orders.http import Answer, BadRequestError, answer, endpoint
from orders.new_order import idempotency_key, new_order
from orders.request import Request
from saga import orders_table
from saga.bus import PublishError, publish
from saga.clock import now
from saga.events import OrderCreated
from saga.identity import derived_id
from saga.observability import logger, metrics
from saga.order import Order
from saga.orders_table import OrderMovedOnError


@endpoint
def handler(request: Request) -> Answer:
    """Store the order and announce it; a key that was used before gives the order it stands for."""
    key = idempotency_key(request)
    order_id = derived_id("order", key) if key else str(uuid4())
    created = OrderCreated(order_id=order_id, created_at=now(), **dict(new_order(request)))
    logger.set_correlation_id(order_id)
    try:
        orders_table.create(created)
    except OrderMovedOnError as known:
        return answer_again(created, known.order)
    announce(created)
    return accepted(201, created.order_id, created.status)


def announce(created: OrderCreated) -> None:
    """Publish the order. A stored order is accepted: if this fails, recovery publishes it within a minute or two."""
    try:
        (published_id,) = publish(created)
    except (PublishError, ClientError, BotoCoreError) as error:
        left = {"orderId": created.order_id, "reason": str(error)}
        logger.warning("order stored but not published, left to recovery", extra=left)
        metrics.add_metric(name="PublishesLeftToRecovery", unit=MetricUnit.Count, value=1)
    else:
        announced = {"orderId": created.order_id, "published": created.detail_type, "publishedId": published_id}
        logger.info("order announced", extra=announced)
        metrics.add_metric(name="OrdersAnnounced", unit=MetricUnit.Count, value=1)


def answer_again(asked: OrderCreated, order: Order) -> Answer:
    """Answer for an order that is stored already. Raises `BadRequestError` if it is not the one that is asked for."""
    stored = OrderCreated.model_validate(order.model_dump(), strict=False)
    if stored.model_copy(update={"created_at": asked.created_at}) != asked:
        fault = {"Idempotency-Key": "was used before for an order with another body"}
        raise BadRequestError(422, "the idempotency key belongs to another order", fault)
    if order.status == stored.status:
        announce(stored)
    # The same instant means this very request: botocore repeated a write whose answer was lost.
    return accepted(201 if stored == asked else 200, order.order_id, order.status)


def accepted(status: int, order_id: str, order_status: str) -> Answer:
    """Give the answer for an order that is stored; its Location is relative to the URL that was called."""
    return answer(status, {"orderId": order_id, "status": order_status}, {"Location": f"./orders/{order_id}"})
