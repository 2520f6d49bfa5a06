"""The types of the events' fields."""

from decimal import Decimal
from typing import Annotated

from pydantic import Field, StringConstraints

NO_CONTROL_CHARACTERS = r"^[^\x00-\x1f\x7f]+$"

TripId = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=NO_CONTROL_CHARACTERS)]
TravellerId = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=NO_CONTROL_CHARACTERS)]
Flight = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}[0-9]{1,4}$"), Field(description="its number, LH123")]
Seats = Annotated[int, Field(ge=1, le=9)]
Hotel = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=NO_CONTROL_CHARACTERS)]
Category = Annotated[str, StringConstraints(pattern=r"^[A-Z]{4}$"), Field(description="ACRISS, ECMR for example")]
Price = Annotated[Decimal, Field(gt=0, max_digits=10, decimal_places=2, description="of the whole trip")]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$"), Field(description="ISO 4217")]
Reference = Annotated[str, StringConstraints(min_length=1, max_length=128)]
FailureReason = Annotated[str, StringConstraints(min_length=1, max_length=256)]
