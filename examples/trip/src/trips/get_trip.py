"""GET /trips/{tripId}: show a trip."""

from uuid import UUID

from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEvent

from contract.events import TripEvent
from saga import table
from saga.table import UnknownKeyError
from saga.telemetry import logger
from trips.http import Answer, HttpError, answer, endpoint


@endpoint
def handler(request: APIGatewayProxyEvent) -> Answer:
    """Answer with the trip's record, or 404."""
    try:
        trip_id = str(UUID(request.path_parameters["tripId"]))
        logger.set_correlation_id(trip_id)
        record = table.read(trip_id, TripEvent)
    except (UnknownKeyError, ValueError):
        raise HttpError(404, "there is no such trip", {"tripId": "unknown"}) from None
    return answer(200, record.public_fields())
