"""What the template tells the functions, read from the environment once."""

import os
from datetime import timedelta
from functools import cache

from pydantic import BaseModel, ConfigDict


class Settings(BaseModel):
    """The names of this stack's resources, and the saga's times in seconds."""

    model_config = ConfigDict(alias_generator=str.upper, frozen=True)

    event_bus_name: str
    orders_table_name: str
    inventory_table_name: str
    deadline_seconds: int
    recover_after_seconds: int

    @property
    def deadline(self) -> timedelta:
        """How old an order may become before a step up to the charge gives it up."""
        return timedelta(seconds=self.deadline_seconds)

    @property
    def recover_after(self) -> timedelta:
        """How long an order may stand still before its current event is published again."""
        return timedelta(seconds=self.recover_after_seconds)


@cache
def settings() -> Settings:
    """Read the settings; raises `pydantic.ValidationError` naming each variable that is missing or ill-typed."""
    return Settings.model_validate(os.environ)
