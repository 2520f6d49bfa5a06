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
    pending_deadline_seconds: int = 0
    recover_after_seconds: int
    recovery_per_second: int = 0
    provider_timeout_seconds: float
    retention_days: int = 0

    @property
    def deadline(self) -> timedelta:
        """How old a saga may become before a step up to the pivot gives it up."""
        return timedelta(seconds=self.deadline_seconds)

    def deadline_of(self, *, waits: bool) -> timedelta:
        """Return the deadline of a saga, which is longer while it waits for somebody outside, and never shorter."""
        return max(self.deadline, timedelta(seconds=self.pending_deadline_seconds)) if waits else self.deadline

    @property
    def recover_after(self) -> timedelta:
        """How long a saga may stay at a status before its current event is published again."""
        return timedelta(seconds=self.recover_after_seconds)

    @property
    def most_recovered_a_run(self) -> int:
        """How many sagas a run of recovery, which comes every minute, may publish; 0 for any number."""
        return 60 * self.recovery_per_second

    @property
    def retention(self) -> timedelta | None:
        """How long the record of a saga that ended is kept; None for good."""
        return timedelta(days=self.retention_days) if self.retention_days else None

    @property
    def provider_timeout(self) -> timedelta:
        """How long one operation of a provider may take."""
        return timedelta(seconds=self.provider_timeout_seconds)


@cache
def settings() -> Settings:
    """Return the settings. Raises `pydantic.ValidationError` naming each variable that is missing or ill-typed."""
    return Settings.model_validate(os.environ)
