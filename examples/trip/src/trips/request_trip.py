"""POST /trips: take a trip, once."""

import json
from uuid import uuid4

from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEvent
from botocore.exceptions import BotoCoreError, ClientError

from contract.events import TripRequested
from contract.identity import derived_id
from saga import table
from saga.bus import PublishError, publish
from saga.clock import now
from saga.record import Record
from saga.table import AlreadyExistsError
from saga.telemetry import Line, count, log, logger
from trips.http import Answer, HttpError, answer, endpoint
from trips.new_trip import idempotency_key, new_trip


@endpoint
def handler(request: APIGatewayProxyEvent) -> Answer:
    """Store the trip and publish it; a key that its traveller used before gives the trip that it stands for."""
    key, trip = idempotency_key(request), new_trip(request)
    # A key belongs to its traveller; as JSON no two pairs meet, whatever stands in them.
    trip_id = derived_id("trip", json.dumps([trip.traveller_id, key])) if key else str(uuid4())
    requested = TripRequested.new(trip_id=trip_id, created_at=now(), **dict(trip))
    logger.set_correlation_id(trip_id)
    try:
        table.create(requested)
    except AlreadyExistsError as known:
        return answer_again(requested, known.record)
    announce(requested)
    return accepted(201, requested.trip_id, requested.status)


def announce(requested: TripRequested) -> None:
    """Publish the trip. A stored trip is accepted: if this fails, recovery publishes it within a minute or two."""
    line: dict[str, str] = {"tripId": requested.trip_id}
    try:
        (published_id,) = publish(requested)
    except (PublishError, ClientError, BotoCoreError) as error:
        log(Line.LEFT_TO_RECOVERY, **line, reason=str(error))
        count("PublishesLeftToRecovery")
    else:
        log(Line.STARTED, **line, published=requested.detail_type, publishedId=published_id)
        count("TripsAnnounced")


def answer_again(asked: TripRequested, record: Record) -> Answer:
    """Answer for a trip that is stored already. Raises `HttpError` 422 if it is not the one that is asked for."""
    stored = TripRequested.from_fields(record.fields())
    if stored.model_copy(update={"created_at": asked.created_at}) != asked:
        fault = {"Idempotency-Key": "was used before for a trip with another body"}
        raise HttpError(422, "the idempotency key belongs to another trip", fault)
    if record.status == stored.status:
        announce(stored)
    # The same instant means this very request: botocore repeated a write whose answer was lost.
    return accepted(201 if stored == asked else 200, stored.trip_id, record.status)


def accepted(status: int, trip_id: str, trip_status: str) -> Answer:
    """Return the answer for a trip that is stored; its Location is relative to the URL that was called."""
    return answer(status, {"tripId": trip_id, "status": trip_status}, {"Location": f"./trips/{trip_id}"})
