"""What the template tells every function, read from the environment once."""

import os
from datetime import timedelta
from functools import cache

from pydantic import BaseModel, ConfigDict


class Settings(BaseModel):
    """The names of the saga's bus and table, and its times in seconds."""

    model_config = ConfigDict(alias_generator=str.upper, frozen=True)

    event_bus_name: str
    records_table_name: str
    deadline_seconds: int
    recover_after_seconds: int
    provider_timeout_seconds: float

    @property
    def deadline(self) -> timedelta:
        """How old a saga may become before a step up to the pivot gives it up."""
        return timedelta(seconds=self.deadline_seconds)

    @property
    def recover_after(self) -> timedelta:
        """How long a saga may stay at a status before its current event is published again."""
        return timedelta(seconds=self.recover_after_seconds)

    @property
    def provider_timeout(self) -> timedelta:
        """How long one operation of a provider may take."""
        return timedelta(seconds=self.provider_timeout_seconds)


@cache
def settings() -> Settings:
    """Return the settings. Raises `pydantic.ValidationError` naming each variable that is missing or ill-typed."""
    return Settings.model_validate(os.environ)
