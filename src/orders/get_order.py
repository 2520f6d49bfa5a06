"""GET /orders/{orderId}: return an order."""

from uuid import UUID

from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEvent

from contract.events import OrderEvent
from orders.http import Answer, HttpError, answer, endpoint
from saga import table
from saga.table import UnknownKeyError
from saga.telemetry import logger


@endpoint
def handler(request: APIGatewayProxyEvent) -> Answer:
    """Answer with the order's record, or 404."""
    try:
        order_id = str(UUID(request.path_parameters["orderId"]))
        logger.set_correlation_id(order_id)
        record = table.read(order_id, OrderEvent)
    except (UnknownKeyError, ValueError):
        raise HttpError(404, "there is no such order", {"orderId": "unknown"}) from None
    return answer(200, record.public_fields())
