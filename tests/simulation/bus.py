"""The event bus: takes entries as PutEvents does and hands each to the functions whose rules match it."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from tests.simulation.aws_errors import answer_lost, check_call, error, real_client
from tests.simulation.deployment import Function
from tests.simulation.faulty_wire import Call, Fault, FaultyWire
from tests.virtual_clock import VirtualClock
from tools.base.events import KEY


@dataclass(frozen=True)
class Published:
    """An event that the bus took."""

    detail_type: str
    detail: str
    envelope: dict[str, Any]
    consumers: tuple[Function, ...]

    @property
    def key(self) -> str:
        key: str = json.loads(self.detail)[KEY]
        return key


class FakeEventBridge:
    """An EventBridge client; `deliver` gets every event that it takes."""

    def __init__(
        self,
        wire: FaultyWire,
        clock: VirtualClock,
        functions: dict[str, Function],
        buses: frozenset[str],
        deliver: Callable[[Published], None],
    ) -> None:
        self._wire, self._clock, self._functions, self._buses = wire, clock, functions, buses
        self._deliver = deliver
        self.published: list[Published] = []

    @property
    def exceptions(self) -> Any:
        return real_client("events").exceptions

    def put_events(self, *, Entries: list[dict[str, Any]]) -> Any:  # noqa: N803  the API's name
        check_call("events", "put_events", {"Entries": Entries})
        throttled = partial(error, "events", "put_events", "ThrottlingException", "Rate exceeded")
        return self._wire.carry(
            Call(
                name="put_events",
                effect=partial(self._put, Entries),
                refused=partial(error, "events", "put_events", "InternalException", "Internal failure"),
                lost=partial(answer_lost, "events"),
                special={
                    Fault.PARTIAL: partial(self._put, Entries, failing=len(Entries) - len(Entries) // 2),
                    Fault.THROTTLED: partial(_raise, throttled),
                },
            )
        )

    def _put(self, entries: list[dict[str, Any]], failing: int = 0) -> dict[str, Any]:
        answers: list[dict[str, str]] = [{"ErrorCode": "InternalFailure", "ErrorMessage": "again"}] * failing
        answers += [{"EventId": self._take(entry)} for entry in entries[failing:]]
        return {"FailedEntryCount": failing, "Entries": answers}

    def _take(self, entry: dict[str, Any]) -> str:
        if entry["EventBusName"] not in self._buses:
            raise error("events", "put_events", "ResourceNotFoundException", "there is no such bus")
        envelope = {
            "version": "0",
            "id": f"event-{len(self.published) + 1}",
            "detail-type": entry["DetailType"],
            "source": entry["Source"],
            "account": "123456789012",
            "time": self._clock.time.isoformat(timespec="seconds").replace("+00:00", "Z"),
            "region": "eu-west-1",
            "resources": [],
            "detail": json.loads(entry["Detail"]),
        }
        consumers = tuple(function for function in self._functions.values() if function.consumes(envelope))
        published = Published(entry["DetailType"], entry["Detail"], envelope, consumers)
        self.published.append(published)
        if self._wire.current:
            self._wire.current.accepted.append((published.detail_type, published.key))
        self._deliver(published)
        return str(envelope["id"])


def _raise(make: Callable[[], Exception]) -> None:
    raise make()
