"""GET /orders/{orderId}: show an order as it stands."""

from uuid import UUID

from orders.http import Answer, BadRequestError, answer, endpoint
from orders.request import Request
from saga import orders_table
from saga.observability import logger
from saga.orders_table import UnknownOrderError


@endpoint
def handler(request: Request) -> Answer:
    """Give the order's record, or 404."""
    order_id = request.path_parameters["orderId"]
    logger.set_correlation_id(order_id)
    try:
        order = orders_table.read(str(UUID(order_id)))
    except (UnknownOrderError, ValueError):
        raise BadRequestError(404, "there is no such order", {"orderId": "unknown"}) from None
    return answer(200, order.model_dump(mode="json"))
