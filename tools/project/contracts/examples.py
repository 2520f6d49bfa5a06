"""An example of every event, as EventBridge delivers it: the samples of `events/`, and what follows from them.

What a function consumes has a sample there. What has none is made from the event that it follows.
"""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from contract import Saga
from contract.identity import derived_id
from saga.event import EVENT_ID, Event
from tools.base.events import KEY
from tools.base.target import ROOT
from tools.shop.examples import ADDED

Example = dict[str, Any]


def examples(events: Mapping[str, type[Event]]) -> dict[str, Example]:
    """Return an example of each event, by detail-type."""
    read = (json.loads(path.read_text()) for path in sorted((ROOT / "events").glob("*.json")))
    samples = {sample["detail-type"]: sample for sample in read if sample.get("source") == Saga.source}
    return {name: samples.get(name) or _made(event, samples) for name, event in events.items()}


def _made(event: type[Event], samples: Mapping[str, Example]) -> Example:
    before = next(iter(samples.values()))
    if event.follows:
        before = samples.get(event.follows[0].detail_type) or _made(event.follows[0], samples)
    return before | {
        "id": derived_id("example", event.detail_type),
        "detail-type": event.detail_type,
        "time": (datetime.fromisoformat(before["time"]) + timedelta(seconds=1)).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "detail": _detail(event, before["detail"], samples),
    }


def _detail(event: type[Event], before: Mapping[str, Any], samples: Mapping[str, Example]) -> dict[str, Any]:
    # Not validated here, so that the gate can still tell of a type that was changed; a test validates all examples.
    known = {name: value for sample in samples.values() for name, value in sample["detail"].items()}
    known |= {**before, **ADDED.get(event.detail_type, {})}
    fields = {str(field.alias): field.is_required() for field in event.model_fields.values()}
    detail = {
        name: known.get(name) or derived_id(name.removesuffix("Id"), before[KEY])
        for name, required in fields.items()
        if required or name in known
    }
    return detail | {EVENT_ID: event.id_for(before[KEY])}
