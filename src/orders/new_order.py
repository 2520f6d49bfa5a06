"""What a client may send to POST /orders."""

from typing import Annotated

from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEvent
from pydantic import BaseModel, ConfigDict, StringConstraints, TypeAdapter, ValidationError
from pydantic.alias_generators import to_camel
from pydantic_core import from_json

from contract.values import NO_CONTROL_CHARACTERS, Amount, Currency, CustomerId, PaymentMethod, Quantity, Sku
from orders.http import HttpError, json_text

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
    payment_method: PaymentMethod | None = None


def new_order(request: APIGatewayProxyEvent) -> NewOrder:
    """Return the order that is asked for.

    Raises `HttpError`: 422 if a field is wrong, and as `json_text` does.
    """
    try:
        # Not straight from JSON: there, Pydantic lets `customer_id` pass beside `customerId`.
        return NewOrder.model_validate(from_json(json_text(request)))
    except ValidationError as error:
        faults = {".".join(map(str, fault["loc"])) or "body": fault["msg"] for fault in error.errors()}
        raise HttpError(422, "the order is not valid", faults) from None


def idempotency_key(request: APIGatewayProxyEvent) -> str | None:
    """Return the Idempotency-Key header, if there is one. Raises `HttpError` if it is empty or too long."""
    key = request.headers.get("Idempotency-Key")
    try:
        return None if key is None else _idempotency_key.validate_python(key)
    except ValidationError as error:
        faults = {"Idempotency-Key": error.errors()[0]["msg"]}
        raise HttpError(400, "the idempotency key is not valid", faults) from None
