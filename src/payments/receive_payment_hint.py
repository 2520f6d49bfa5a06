"""Receive the payment provider's hint that something happened to a payment: a reason to ask, not an answer."""

from base64 import b64decode
from typing import Any

from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEvent, EventBridgeEvent
from aws_lambda_powertools.utilities.typing import LambdaContext

from contract.events import OrderEvent, PaymentPending
from payments.gateway import ForgedHintError, Hint
from payments.provider import gateway
from saga import table
from saga.bus import publish
from saga.table import UnknownKeyError
from saga.telemetry import Line, count, log, logger, observed


@observed
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Publish the event of a pending payment again, so that ConfirmPayment asks the provider; do nothing else.

    A webhook gets a 204 whatever it is about, and a 400 if the provider did not sign it.
    """
    try:
        hint = hint_of(event)
    except ForgedHintError:
        count("ForgedHints")
        return answer(400)
    count("Hints")
    if hint:
        take(hint)
    return answer(204)


def hint_of(event: dict[str, Any]) -> Hint | None:
    """Return the hint of a webhook call, or of an event of the provider's partner event bus, if it is about a payment.

    Raises `ForgedHintError` if the call is not the provider's.
    """
    if "httpMethod" not in event:
        return gateway.partner_event(EventBridgeEvent(event).detail)
    request = APIGatewayProxyEvent(event)
    body = request.body or ""
    return gateway.webhook(request.headers, b64decode(body) if request.is_base64_encoded else body.encode())


def take(hint: Hint) -> None:
    """Publish the order's event again if its payment is pending; count a refund that failed later."""
    logger.set_correlation_id(hint.key)
    if hint.refund_failed:
        count("RefundsFailed")
    try:
        record = table.read(hint.key, OrderEvent)
    except UnknownKeyError:
        log(Line.HINT, refundFailed=hint.refund_failed)
        return
    log(Line.HINT, orderId=record.key, status=record.status, refundFailed=hint.refund_failed)
    if record.status == PaymentPending.status and not record.held:
        pending = record.event()
        (published_id,) = publish(pending)
        log(Line.RECOVERED, orderId=record.key, published=pending.detail_type, publishedId=published_id)


def answer(status: int) -> dict[str, Any]:
    """Return an API Gateway proxy response without a body; EventBridge ignores it."""
    return {"statusCode": status, "headers": {}, "body": "", "isBase64Encoded": False}
