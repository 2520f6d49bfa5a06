"""What a client may send to POST /orders."""

from typing import Annotated

from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEvent
from aws_lambda_powertools.utilities.parser import ValidationError
from pydantic import BaseModel, ConfigDict, StringConstraints, TypeAdapter
from pydantic.alias_generators import to_camel

from orders.http import BadRequestError
from saga.events import NO_CONTROL_CHARACTERS, Amount, Currency, CustomerId, Quantity, Sku

IdempotencyKey = Annotated[str, StringConstraints(min_length=1, max_length=255, pattern=NO_CONTROL_CHARACTERS)]
_idempotency_key = TypeAdapter(IdempotencyKey)


class NewOrder(BaseModel):
    """The body of POST /orders. Strict: nothing is coerced, and an unknown field is an error."""

    model_config = ConfigDict(alias_generator=to_camel, frozen=True, strict=True, extra="forbid")

    customer_id: CustomerId
    sku: Sku
    quantity: Quantity = 1
    amount: Amount
    currency: Currency = "USD"


def new_order(request: APIGatewayProxyEvent) -> NewOrder:
    """Read the order that is asked for. Raises `BadRequestError`: 400 if it is no JSON, 422 if a field is wrong."""
    try:
        return NewOrder.model_validate_json(request.decoded_body or "")
    except ValidationError as error:
        faults = {".".join(map(str, fault["loc"])) or "body": fault["msg"] for fault in error.errors()}
        if error.errors()[0]["type"] == "json_invalid":
            raise BadRequestError(400, "the body is not JSON", faults) from None
        raise BadRequestError(422, "the order is not valid", faults) from None
    except ValueError:
        raise BadRequestError(400, "the body is not text in UTF-8", {"body": "undecodable"}) from None


def idempotency_key(request: APIGatewayProxyEvent) -> str | None:
    """Read the Idempotency-Key header, if there is one. Raises `BadRequestError` if it is empty or too long."""
    key = request.headers.get("Idempotency-Key")
    try:
        return None if key is None else _idempotency_key.validate_python(key)
    except ValidationError as error:
        faults = {"Idempotency-Key": error.errors()[0]["msg"]}
        raise BadRequestError(400, "the idempotency key is not valid", faults) from None
