"""The types of the events' fields."""

from typing import Annotated

from pydantic import Field, StringConstraints

NO_CONTROL_CHARACTERS = r"^[^\x00-\x1f\x7f]+$"
MOST_OF_A_REFERENCE = 128
MOST_OF_A_REASON = 256
MOST_OF_A_URL = 2_048

OrderId = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=NO_CONTROL_CHARACTERS)]
CustomerId = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=NO_CONTROL_CHARACTERS)]
Sku = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=NO_CONTROL_CHARACTERS)]
Quantity = Annotated[int, Field(ge=1, le=10_000, description="pieces")]
Amount = Annotated[int, Field(ge=1, le=10**12, description="in minor units of the currency, cents for USD")]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$"), Field(description="ISO 4217")]
Reference = Annotated[str, StringConstraints(min_length=1, max_length=MOST_OF_A_REFERENCE)]
FailureReason = Annotated[str, StringConstraints(min_length=1, max_length=MOST_OF_A_REASON)]
Url = Annotated[str, StringConstraints(min_length=1, max_length=MOST_OF_A_URL, pattern=r"^https?://[!-~]+$")]
