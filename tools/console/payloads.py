"""The payloads of an order's events: each carries what all before it did, so its record tells them all."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from tools.base.transitions import EVENTS


def payloads(record: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the events that a record can tell, by name, each with the payload that it has on the bus."""
    been = {change["status"] for change in record["history"]}
    for name, event in EVENTS.items():
        if event.status in been:
            # A record that somebody wrote by hand tells less.
            try:
                yield name, json.loads(event.from_fields(dict(record)).detail())
            except ValidationError:
                continue
