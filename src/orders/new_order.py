"""What a client may send to POST /orders."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints, TypeAdapter, ValidationError
from pydantic.alias_generators import to_camel
from pydantic_core import from_json

from orders.http import BadRequestError
from orders.request import Request
from saga.events import NO_CONTROL_CHARACTERS, Amount, Currency, CustomerId, Quantity, Sku

IdempotencyKey = Annotated[str, StringConstraints(min_length=1, max_length=255, pattern=NO_CONTROL_CHARACTERS)]
LARGEST = 8_192
"""Characters of a body; an order takes about 150."""
_idempotency_key = TypeAdapter(IdempotencyKey)


class NewOrder(BaseModel):
    """The body of POST /orders. Strict: nothing is coerced, and an unknown field is an error."""

    model_config = ConfigDict(alias_generator=to_camel, frozen=True, strict=True, extra="forbid")

    customer_id: CustomerId
    sku: Sku
    quantity: Quantity = 1
    amount: Amount
    currency: Currency = "USD"


def new_order(request: Request) -> NewOrder:
    """Read the order that is asked for.

    Raises `BadRequestError`: 413 if it is larger than any order, 400 if it is no JSON, 422 if a field is wrong.
    """
    if len(request.body) > LARGEST:
        raise BadRequestError(413, "the body is too large", {"body": f"more than {LARGEST} characters"})
    try:
        order = from_json(request.text())
    except ValueError as error:
        raise BadRequestError(400, "the body is not JSON", {"body": str(error)}) from None
    try:
        # Not straight from JSON: there, Pydantic lets `customer_id` pass beside `customerId`.
        return NewOrder.model_validate(order)
    except ValidationError as error:
        faults = {".".join(map(str, fault["loc"])) or "body": fault["msg"] for fault in error.errors()}
        raise BadRequestError(422, "the order is not valid", faults) from None


def idempotency_key(request: Request) -> str | None:
    """Read the Idempotency-Key header, if there is one. Raises `BadRequestError` if it is empty or too long."""
    key = request.header("Idempotency-Key")
    try:
        return None if key is None else _idempotency_key.validate_python(key)
    except ValidationError as error:
        faults = {"Idempotency-Key": error.errors()[0]["msg"]}
        raise BadRequestError(400, "the idempotency key is not valid", faults) from None
