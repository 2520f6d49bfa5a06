"""EventBridge under load: takes events, and hands each to its functions a moment later."""

import json
from collections import Counter
from random import Random
from typing import Any

from tests.simulation.aws_errors import real_client
from tests.simulation.deployment import Function
from tests.simulation.outage.assumptions import CALL_TAKES, DELIVERY
from tests.simulation.outage.event_loop import EventLoop
from tests.simulation.outage.lambda_service import LambdaService


class LargeEventBridge:
    """An EventBridge client that keeps nothing of what it delivered."""

    def __init__(self, loop: EventLoop, random: Random, service: LambdaService, functions: dict[str, Function]) -> None:
        self._loop, self._random, self._service, self._functions = loop, random, service, functions
        self._consumers: dict[tuple[str, str], list[str]] = {}
        self.published: Counter[str] = Counter()

    @property
    def exceptions(self) -> Any:
        return real_client("events").exceptions

    def put_events(self, *, Entries: list[dict[str, Any]]) -> Any:  # noqa: N803  the API's name
        self._loop.clock.passes(CALL_TAKES["put_events"])
        return {"FailedEntryCount": 0, "Entries": [{"EventId": self._take(entry)} for entry in Entries]}

    def _take(self, entry: dict[str, Any]) -> str:
        self.published[entry["DetailType"]] += 1
        envelope = {
            "version": "0",
            "id": f"event-{self.published.total()}",
            "detail-type": entry["DetailType"],
            "source": entry["Source"],
            "time": self._loop.clock.time.isoformat(timespec="seconds").replace("+00:00", "Z"),
            "detail": json.loads(entry["Detail"]),
        }
        for name in self._consumers_of(envelope):
            self._deliver(name, envelope)
        return str(envelope["id"])

    def _consumers_of(self, envelope: dict[str, Any]) -> list[str]:
        kind = (envelope["source"], envelope["detail-type"])
        if kind not in self._consumers:
            self._consumers[kind] = [name for name, each in self._functions.items() if each.consumes(envelope)]
        return self._consumers[kind]

    def _deliver(self, name: str, envelope: dict[str, Any]) -> None:
        self._loop.after(self._random.uniform(*DELIVERY), lambda: self._service.invoke_asynchronously(name, envelope))
