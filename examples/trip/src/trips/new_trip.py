"""What a client may send to POST /trips."""

from datetime import date
from typing import Annotated

from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEvent
from pydantic import ConfigDict, StringConstraints, TypeAdapter, ValidationError, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from contract.values import NO_CONTROL_CHARACTERS, Category, Currency, Flight, Hotel, Price, Seats, TravellerId
from saga.value import Value
from trips.http import HttpError, json_text

IdempotencyKey = Annotated[str, StringConstraints(min_length=1, max_length=255, pattern=NO_CONTROL_CHARACTERS)]
_idempotency_key = TypeAdapter(IdempotencyKey)


class NewTrip(Value):
    """The body of POST /trips. Strict: nothing is coerced, and an unknown field is an error."""

    model_config = ConfigDict(extra="forbid")

    traveller_id: TravellerId
    outbound: Flight
    inbound: Flight
    departs_on: date
    returns_on: date
    seats: Seats = 1
    hotel: Hotel
    car: Category
    price: Price
    currency: Currency = "EUR"

    @field_validator("returns_on")
    @classmethod
    def _after_departure(cls, returns_on: date, others: ValidationInfo) -> date:
        if (departs_on := others.data.get("departs_on")) and returns_on <= departs_on:
            raise PydanticCustomError("return", "the return is not after the departure")
        return returns_on


def new_trip(request: APIGatewayProxyEvent) -> NewTrip:
    """Return the trip that is asked for.

    Raises `HttpError`: 422 if a field is wrong, and as `json_text` does.
    """
    try:
        return NewTrip.model_validate_json(json_text(request))
    except ValidationError as error:
        faults = {".".join(map(str, fault["loc"])) or "body": fault["msg"] for fault in error.errors()}
        raise HttpError(422, "the trip is not valid", faults) from None


def idempotency_key(request: APIGatewayProxyEvent) -> str | None:
    """Return the Idempotency-Key header, if there is one. Raises `HttpError` if it is empty or too long."""
    key = request.headers.get("Idempotency-Key")
    try:
        return None if key is None else _idempotency_key.validate_python(key)
    except ValidationError as error:
        faults = {"Idempotency-Key": error.errors()[0]["msg"]}
        raise HttpError(400, "the idempotency key is not valid", faults) from None
