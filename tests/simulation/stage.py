"""Puts a world where AWS, the providers and the clock stand for the handlers, and takes it away again."""

import os
from collections.abc import Callable
from datetime import timedelta
from importlib import import_module
from types import SimpleNamespace
from typing import Any, Self
from uuid import UUID

import pytest
from tenacity import RetryCallState

from saga import aws, circuit_breaker, clock, in_flight, marks, recovery, table
from saga.settings import settings
from tests.simulation import telemetry
from tests.simulation.bus import FakeEventBridge
from tests.simulation.deployment import deployment
from tests.simulation.dynamodb import FakeDynamoDB
from tests.simulation.faulty_wire import FaultyWire
from tests.simulation.shop import Shop
from tests.virtual_clock import VirtualClock

PATIENCE = 10
"""Seconds of waiting after which `advance` gives a conflict up; its own clock is not ours to move."""


def put_on(
    patch: pytest.MonkeyPatch,
    time: VirtualClock,
    clients: tuple[FakeDynamoDB, FakeEventBridge],
    shop: Shop,
    wire: FaultyWire,
) -> None:
    """Make the handlers see this world and no other."""
    by_service = dict(zip(("dynamodb", "events"), clients, strict=True))
    for name, value in deployment().variables.items():
        patch.setitem(os.environ, name, value)
    patch.setattr(aws, "client", by_service.__getitem__)
    patch.setattr(clock, "datetime", time)
    patch.setattr(import_module(deployment().starter.module), "uuid4", _numbered())
    shop.put_on(patch)
    # A write that the proof broke on purpose may try once only.
    writes = [write for write in (table.create, table.advance, marks.put) if "retry" in vars(write)]
    for repeated in (*writes, in_flight.read_left, recovery.publish_left):
        retry: Any = vars(repeated)["retry"]
        patch.setattr(retry, "sleep", lambda seconds: time.advance(timedelta(seconds=seconds)))
    for write in writes:
        patch.setattr(vars(write)["retry"], "stop", _out_of_patience)
    # One after the other: what strikes at which call is to be the same in each run.
    patch.setattr(recovery, "ThreadPoolExecutor", OneAfterTheOther)
    # As long as may be: a schedule is to be the same in each run.
    patch.setattr(circuit_breaker, "uniform", lambda _least, most: most)
    patch.setattr(recovery, "time", SimpleNamespace(sleep=lambda seconds: time.advance(timedelta(seconds=seconds))))
    telemetry.put_on(patch, wire)
    forget()


class OneAfterTheOther:
    """Stands in for a pool of threads."""

    map = staticmethod(map)

    def __init__(self, _workers: int) -> None:
        pass

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_failure: object) -> None:
        pass


def forget() -> None:
    """Clear what the handlers keep between calls of one environment."""
    for kept in (settings, aws.dynamodb, aws.events):
        kept.cache_clear()


def context(name: str, *, milliseconds: int = 30_000) -> Any:
    """Return the context object that Lambda hands to a handler, with this much time left."""
    return SimpleNamespace(
        function_name=name,
        function_version="$LATEST",
        memory_limit_in_mb=512,
        invoked_function_arn=f"arn:aws:lambda:eu-west-1:123456789012:function:{name}",
        aws_request_id="request",
        get_remaining_time_in_millis=lambda: milliseconds,
    )


def _numbered() -> Callable[[], UUID]:
    numbers = iter(range(1, 1_000_000))
    return lambda: UUID(int=next(numbers), version=4)


def _out_of_patience(attempts: RetryCallState) -> bool:
    return attempts.idle_for >= PATIENCE
