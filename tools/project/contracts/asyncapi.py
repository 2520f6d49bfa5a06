"""The AsyncAPI document of the bus: every event, who publishes and consumes it, and what it says of its order.

Who publishes and consumes what is derived from the template and the steps (`tools.project.choreography`). The schemas
of the details are the same as in the JSON files; here they are read as AsyncAPI's own dialect, a superset of JSON
Schema draft 7 (AsyncAPI 3.0.0, "Schema Object"), which knows all the keywords that they use.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from contract import Saga
from saga.event import Event
from tools.base.events import A_NOUN, KEY, NOUN, Direction, direction_of
from tools.base.target import NAME
from tools.base.transitions import EVENTS
from tools.project.choreography.flow import Flow, Function
from tools.project.contracts.schemas import schema_of_detail

HEADER = "Generated from src/contract, template.yaml and the steps by `make generate`: change those, not this file."
CHANNEL = f"{NOUN}s"
BUS = f"{{stackName}}-{CHANNEL}"
"""The bus's name, as the template gives it."""
ENDS_WELL = next(name for name, event in EVENTS.items() if event.terminal and direction_of(event) is Direction.SUCCESS)
DESCRIPTION = f"""\
What happens to {A_NOUN}, as events on one Amazon EventBridge bus of the stack. Its name is the stack's output
`EventBusName`.

**Consume them** with a rule of your own on that bus: `{{"source": ["{Saga.source}"], "detail-type":
["{ENDS_WELL}"]}}`. What EventBridge hands to a target is one JSON object: the message's headers here, with its
payload as `detail`.

**An event may come twice, late, or before an earlier one.** A repeated event has the same `detail`, byte for byte, and
another `id` and `time`. Recognize it by `eventId`, which is derived from `detail-type` and `{KEY}`: each event
happens to {A_NOUN} once at most. Events that were published before release 1.0.0 have no `eventId`: compare these two.

**What you may rely on.** The fields and constraints here stay. New optional fields and new events may come at any
time: ignore what you do not know. What would break you, or the reading of old events, is refused by `make check`.
"""


def document(flow: Flow, examples: Mapping[str, Mapping[str, Any]], version: str) -> dict[str, Any]:
    """Return the document; `examples` are events as EventBridge delivers them."""
    schemas: dict[str, Any] = {"Envelope": ENVELOPE}
    messages = {name: _message(flow, name, examples[name], schemas) for name in flow.events}
    return {
        "asyncapi": "3.0.0",
        "id": f"urn:{Saga.source}:events",
        "info": {
            "title": f"{NAME}: the events of {A_NOUN}",
            "version": version,
            "description": DESCRIPTION,
            "license": {"name": "MIT"},
        },
        "defaultContentType": "application/json",
        "servers": {
            "eventbridge": {
                "host": "events.{region}.amazonaws.com",
                "protocol": "https",
                "description": "Amazon EventBridge: `events:PutEvents` on the bus to publish, a rule on it to consume.",
                "variables": {"region": {"description": "The stack's region.", "default": "us-east-1"}},
            }
        },
        "channels": {
            CHANNEL: {
                "address": BUS,
                "description": "The stack's own event bus.",
                "parameters": {"stackName": {"description": "The stack's name.", "default": f"{NAME}-dev"}},
                "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in flow.events},
            }
        },
        "operations": dict(_operations(flow)),
        "components": {"messages": messages, "schemas": schemas},
    }


def _message(flow: Flow, name: str, example: Mapping[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    event = flow.events[name]
    payload = schema_of_detail(event, refs="#/components/schemas/{model}")
    # Models inside of models; all messages share them.
    schemas.update(payload.pop("$defs", {}))
    return {
        "name": name,
        "title": name,
        "summary": payload["description"].partition("\n")[0],
        "description": _meaning(flow, event),
        "correlationId": {"location": f"$message.payload#/{KEY}", "description": f"The {NOUN}."},
        "headers": {
            "allOf": [
                {"$ref": "#/components/schemas/Envelope"},
                {"type": "object", "properties": {"detail-type": {"const": name}}},
            ]
        },
        "payload": payload,
        "examples": [
            {
                "name": f"{name}Example",
                "summary": payload["description"].partition("\n")[0],
                "headers": {key: value for key, value in example.items() if key != "detail"},
                "payload": example["detail"],
            }
        ],
        "x-status": event.status,
        "x-terminal": event.terminal,
        "x-follows": [before.detail_type for before in event.follows],
        **({"x-compensates": event.compensates.detail_type} if event.compensates else {}),
    }


def _meaning(flow: Flow, event: type[Event]) -> str:
    publishers, consumers = flow.publishers(event.detail_type), flow.consumers(event.detail_type)
    sentences = [
        f"The {NOUN}'s status is then {event.status}{', which is final' if event.terminal else ''}.",
        f"Follows {_any_of(before.detail_type for before in event.follows)}." if event.follows else "Starts the saga.",
        f"Compensates {event.compensates.detail_type}." if event.compensates else "",
        f"Published by {_any_of(function.name for function in publishers)}.",
        f"Consumed by {_any_of(function.name for function in consumers)}." if consumers else "No function consumes it.",
    ]
    return " ".join(filter(None, sentences))


def _operations(flow: Flow) -> Iterable[tuple[str, dict[str, Any]]]:
    for function in flow.functions.values():
        if function.rules:
            yield f"{function.name}Consumes", _operation("receive", function, function.rules)
        if function.publishes:
            yield f"{function.name}Publishes", _operation("send", function, function.publishes)
    for function in flow.recoverers:
        yield f"{function.name}Repeats", _operation("send", function, function.may_publish)


def _operation(action: str, function: Function, events: Iterable[str]) -> dict[str, Any]:
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{CHANNEL}"},
        "summary": function.does,
        "messages": [{"$ref": f"#/channels/{CHANNEL}/messages/{event}"} for event in events],
    }


def _any_of(names: Iterable[str]) -> str:
    return " or ".join(names)


ENVELOPE = {
    "title": "Envelope",
    "description": 'What EventBridge says of an event (Amazon EventBridge User Guide, "Events"); beside it, `detail`.',
    "type": "object",
    "required": ["version", "id", "detail-type", "source", "account", "time", "region", "resources"],
    "properties": {
        "version": {"type": "string", "const": "0"},
        "id": {"type": "string", "description": "Another one each time that an event is published."},
        "detail-type": {"type": "string", "description": "The event's name."},
        "source": {"type": "string", "const": Saga.source},
        "account": {"type": "string", "description": "The AWS account of the stack."},
        "time": {"type": "string", "format": "date-time", "description": "When it was published, to the second."},
        "region": {"type": "string"},
        "resources": {"type": "array", "items": {"type": "string"}, "description": "Empty."},
        "replay-name": {"type": "string", "description": "Only in an event that is replayed from the bus's archive."},
    },
}
