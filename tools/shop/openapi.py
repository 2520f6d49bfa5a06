"""The OpenAPI document of the HTTP API: which calls there are, and all that they may be answered."""

import json
from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter

from saga.event import EVENT_ID, Event
from tools.base.events import A_NOUN, FIRST, KEY, NOUN
from tools.base.target import NAME, ROOT
from tools.project.contracts.schemas import ReadableSchema
from tools.shop.api import PATH
from tools.shop.openapi_schemas import REFS, SAGA, schemas
from tools.shop.request import CANCELLED, LARGEST, OWNER, REFUSED, SAMPLE, IdempotencyKey, NewSaga

SERVICE = NewSaga.__module__.partition(".")[0]
HEADER = f"Generated from src/{SERVICE}, src/saga and events/ by `make generate`: change those, not this file."
JSON = "application/json"
DESCRIPTION = f"""\
Place {A_NOUN}, look how it stands, cancel it. Every call is signed with AWS Signature Version 4 for the service
`execute-api`, and the caller needs `execute-api:Invoke`. The address is the stack's output `ApiUrl`; `make deploy`
prints it.

**Repeat freely.** With an `Idempotency-Key`, a POST that got no answer, a 429 or a 5xx may be sent again, as often as
it takes: one key gives one {NOUN}. Without one, a repeated POST may give a second {NOUN}. A key belongs to its {OWNER}:
another one's {NOUN} under the same key is another {NOUN}.

**What you may rely on.** Requests that are taken now stay valid, and the fields of the answers stay. New optional
fields and new statuses of {A_NOUN} may come at any time: ignore what you do not know. What would break you is refused
by `make check`.
"""
IDEMPOTENCY_KEY = f"""\
Any text that stands for this {NOUN} of this {OWNER}, a UUID for example. The same key with the same {NOUN} gives the \
{NOUN} that it stands for; with another {NOUN} of the same {OWNER} it is refused. Do not use it again after that \
{NOUN} has expired (the stack's parameter `RetentionDays`): a GET of it answers 404 then.
"""


def document(
    events: Mapping[str, type[Event]], examples: Mapping[str, Mapping[str, Any]], version: str
) -> dict[str, Any]:
    """Return the document; `examples` are events as EventBridge delivers them."""
    record = _record(events, examples)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"{NAME}: the HTTP API",
            "version": version,
            "description": DESCRIPTION,
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [
            {
                "url": "https://{apiId}.execute-api.{region}.amazonaws.com/{stage}",
                "variables": {
                    "apiId": {"default": "a1b2c3d4e5", "description": "The stack's output `ApiId`."},
                    "region": {"default": "us-east-1"},
                    "stage": {"default": "dev"},
                },
            }
        ],
        "security": [{"sigv4": []}],
        "paths": {
            PATH: {"post": _create(record)},
            f"{PATH}/{{{KEY}}}": {"get": _get(record)},
            **({f"{PATH}/{{{KEY}}}/cancel": {"post": _cancel(record, *CANCELLED)}} if CANCELLED else {}),
        },
        "components": {
            "schemas": schemas(events),
            "responses": FROM_THE_GATEWAY,
            # As API Gateway writes it (Amazon API Gateway Developer Guide, "x-amazon-apigateway-authtype property").
            "securitySchemes": {
                "sigv4": {
                    "type": "apiKey",
                    "name": "Authorization",
                    "in": "header",
                    "description": "AWS Signature Version 4",
                    "x-amazon-apigateway-authtype": "awsSigv4",
                }
            },
        },
    }


def _create(record: Mapping[str, Any]) -> dict[str, Any]:
    sample = json.loads((ROOT / "events" / SAMPLE).read_text())
    found = {
        "headers": {
            "Location": {
                "description": f"Where the {NOUN} is shown, relative to the address that was called.",
                "required": True,
                "schema": {"type": "string", "format": "uri-reference"},
                "example": f".{PATH}/{record[KEY]}",
            }
        },
        "links": {f"get{SAGA}": {"operationId": f"get{SAGA}", "parameters": {KEY: f"$response.body#/{KEY}"}}},
    }
    return {
        "operationId": f"create{SAGA}",
        "summary": f"Place {A_NOUN}.",
        "parameters": [
            {
                "name": "Idempotency-Key",
                "in": "header",
                "description": IDEMPOTENCY_KEY,
                "schema": TypeAdapter(IdempotencyKey).json_schema(schema_generator=ReadableSchema),
                "example": sample["headers"]["Idempotency-Key"],
            }
        ],
        "requestBody": {
            "description": f"At most {LARGEST} characters. Integers are written as such: 2, not 2.0 or 2e0.",
            "required": True,
            "content": {JSON: {"schema": _ref(NewSaga.__name__), "example": json.loads(sample["body"])}},
        },
        "responses": {
            "200": found
            | _answer(
                f"The key was used before for this very {NOUN}; it is not taken again, and this is how it stands.",
                f"{SAGA}Accepted",
                {KEY: record[KEY], "status": record["status"]},
            ),
            "201": found
            | _answer(f"The {NOUN} is taken.", f"{SAGA}Accepted", {KEY: record[KEY], "status": FIRST.status}),
            "400": _refusal(
                "The body is not JSON, a field stands in it twice, or the key is not valid.",
                ("the idempotency key is not valid", "Idempotency-Key", "String should have at least 1 character"),
            ),
            "413": _refusal(
                f"The body is larger than any {NOUN}.",
                ("the body is too large", "body", f"more than {LARGEST} characters"),
            ),
            "422": _refusal(
                f"The {NOUN} is not valid, or the key belongs to another {NOUN} of the same {OWNER}.",
                (f"the {NOUN} is not valid", *REFUSED),
            ),
            **BY_THE_GATEWAY,
        },
    }


def _get(record: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "operationId": f"get{SAGA}",
        "summary": f"Show {A_NOUN} as it stands.",
        "parameters": [_key_in_the_path(record)],
        "responses": {
            "200": _answer(f"The {NOUN}'s record.", SAGA, record),
            "404": _refusal(f"There is no such {NOUN}.", (f"there is no such {NOUN}", KEY, "unknown")),
            **BY_THE_GATEWAY,
        },
    }


def _cancel(record: Mapping[str, Any], in_flight: str, ended: str) -> dict[str, Any]:
    shown = {KEY: record[KEY]}
    return {
        "operationId": f"cancel{SAGA}",
        "summary": f"Cancel {A_NOUN} before it is paid.",
        "description": f"What was done for the {NOUN} is undone. Repeated, it gives the same answer.",
        "parameters": [_key_in_the_path(record)],
        "responses": {
            "200": _answer(
                f"The {NOUN} was cancelled, and has ended: no money and no stock is held for it.",
                f"{SAGA}Accepted",
                shown | {"status": ended},
            ),
            "202": _answer(
                f"The {NOUN} is cancelled, and is being undone.",
                f"{SAGA}Accepted",
                shown | {"status": in_flight},
            ),
            "404": _refusal(f"There is no such {NOUN}.", (f"there is no such {NOUN}", KEY, "unknown")),
            "409": _refusal(
                f"The {NOUN} is paid already, or failed by itself.",
                (f"the {NOUN} can no longer be cancelled", KEY, f"is at {record['status']}"),
            ),
            **BY_THE_GATEWAY,
        },
    }


def _key_in_the_path(record: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": KEY,
        "in": "path",
        "required": True,
        "schema": {"type": "string", "format": "uuid"},
        "example": record[KEY],
    }


def _record(events: Mapping[str, type[Event]], examples: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return the record of a saga that went all the way to the first terminal event."""
    path = [next(event for event in events.values() if event.terminal)]
    while path[0].follows:
        path.insert(0, path[0].follows[0])
    told = [examples[event.detail_type] for event in path]
    fields = {name: value for example in told for name, value in example["detail"].items() if name != EVENT_ID}
    # EventBridge tells times to the second.
    times = [example["time"].removesuffix("Z") + fields["createdAt"][-5:] for example in told]
    history = [{"status": event.status, "at": time} for event, time in zip(path, times, strict=True)]
    return fields | {"status": path[-1].status, "updatedAt": times[-1], "history": history}


def _answer(description: str, schema: str, example: Mapping[str, Any]) -> dict[str, Any]:
    return {"description": description, "content": {JSON: {"schema": _ref(schema), "example": dict(example)}}}


def _refusal(description: str, wrong: tuple[str, str, str]) -> dict[str, Any]:
    message, field, what = wrong
    return _answer(description, "Refusal", {"message": message, "errors": [{"field": field, "message": what}]})


def _ref(schema: str) -> dict[str, str]:
    return {"$ref": REFS.format(model=schema)}


# What API Gateway answers by itself (Amazon API Gateway Developer Guide, "Gateway response types for API Gateway").
FROM_THE_GATEWAY = {
    "Forbidden": _answer(
        "The call is not signed, its signature is wrong, or the caller may not make it.",
        "GatewayMessage",
        {"message": "Missing Authentication Token"},
    ),
    "TooManyRequests": _answer(
        "More calls than the stack takes. Wait and repeat.", "GatewayMessage", {"message": "Too Many Requests"}
    ),
    "Fault": _answer(
        f"Nothing is known: {A_NOUN} may have been taken. Repeat, with the same key.",
        "GatewayMessage",
        {"message": "Internal server error"},
    ),
}
BY_THE_GATEWAY = {
    status: {"$ref": f"#/components/responses/{name}"}
    for status, name in (("403", "Forbidden"), ("429", "TooManyRequests"), ("5XX", "Fault"))
}
