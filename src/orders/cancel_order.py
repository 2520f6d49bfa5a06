"""POST /orders/{orderId}/cancel: stop an order before it is charged."""

import os
from uuid import UUID

from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEvent

from contract.events import OrderEvent, PaymentCharged
from orders.http import Answer, HttpError, answer, endpoint
from orders.order_ids import LAST_RELEASE, LastRelease
from saga import marks, table
from saga.marks import Act, Intervention, NotMarkedError
from saga.record import Record
from saga.table import UnknownKeyError
from saga.telemetry import Line, log, logger

CANCELLATION = Intervention(Act.STOP, reason="cancelled by the customer")


@endpoint
def handler(request: APIGatewayProxyEvent) -> Answer:
    """Mark the order as stopped: its next step gives it up, and it is compensated."""
    if os.environ[LAST_RELEASE] == LastRelease.RUNS:
        raise HttpError(409, "no order can be cancelled at the moment", {"orderId": "try again in some minutes"})
    try:
        order_id = str(UUID(request.path_parameters["orderId"]))
        logger.set_correlation_id(order_id)
        is_new = stop(order_id)
        record = table.read(order_id, OrderEvent)
    except (UnknownKeyError, ValueError):
        raise HttpError(404, "there is no such order", {"orderId": "unknown"}) from None
    if is_new:
        log(Line.STOPPED, orderId=order_id, status=record.status)
    return answer_of(record)


def stop(order_id: str) -> bool:
    """Set the mark; return whether that changed anything."""
    try:
        marks.put(CANCELLATION, order_id, OrderEvent)
    except NotMarkedError:
        return False
    return True


def answer_of(record: Record) -> Answer:
    """Return the state of a cancellation. Raises `HttpError` 409 if the order was not stopped in time."""
    if not record.stopped or record.passed([PaymentCharged]):
        raise HttpError(409, "the order can no longer be cancelled", {"orderId": f"is at {record.status}"})
    return answer(200 if record.is_terminal else 202, {"orderId": record.key, "status": record.status})
