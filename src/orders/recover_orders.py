"""Every minute: publish the events of stuck orders again."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from contract.events import OrderEvent
from saga.recovery import recover
from saga.telemetry import observed


@observed
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Publish the current event of every stuck order that is due once more."""
    return recover(OrderEvent, event, context)
