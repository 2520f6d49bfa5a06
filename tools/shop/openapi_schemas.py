"""The bodies of the HTTP API: what a client sends, and what it is answered.

What is asked and what is shown are the models of the services and `saga`. The other answers are dictionaries there, and
models here; the tests fuzz the functions by the document, so the two cannot drift apart.
"""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, create_model
from pydantic.alias_generators import to_camel
from pydantic.json_schema import GenerateJsonSchema, models_json_schema

from contract import Saga
from saga.event import Event
from saga.record import Record
from tools.base.events import A_NOUN, NOUN
from tools.project.contracts.schemas import ReadableSchema, WireSchema, schema_of
from tools.shop.request import NewSaga

REFS = "#/components/schemas/{model}"


SAGA = NOUN.title()
"""What the models of a saga are named after: `Order`."""
Accepted = create_model(
    f"{SAGA}Accepted",
    __doc__=f"{A_NOUN.capitalize()} that is stored: it is accepted, and how it stands.",
    __config__=ConfigDict(alias_generator=to_camel),
    **{Saga.key_field: (UUID, ...), "status": (str, ...)},  # type: ignore[call-overload]
)
Shown = create_model(
    SAGA,
    __doc__=f"{A_NOUN.capitalize()}'s record: what all its events carried so far, its status and its history, oldest "
    "first.",
    __base__=Record,
)


class WrongField(BaseModel):
    """A field, and what is wrong with it."""

    field: Annotated[str, Field(description="the field's name, `body` or `Idempotency-Key`")]
    message: str


class Refusal(BaseModel):
    """What is wrong with a request."""

    message: str
    errors: Annotated[list[WrongField], Field(min_length=1)]


class GatewayMessage(BaseModel):
    """What API Gateway answers by itself."""

    message: str | None


def schemas(events: Mapping[str, type[Event]]) -> dict[str, dict[str, Any]]:
    """Return them all, by name."""
    described = _described(ReadableSchema, NewSaga, Accepted, Refusal, GatewayMessage)
    described |= _described(WireSchema, Shown)
    described[SAGA] = _with_what_events_carry(described[SAGA], events, described)
    for schema in described.values():
        if "status" in schema["properties"]:
            schema["properties"]["status"] = {"$ref": REFS.format(model="Status")}
        # What follows the first paragraph is for who reads the code.
        schema["description"] = schema["description"].partition("\n\n")[0]
    return described | {"Status": _status(events)}


def _described(generator: type[GenerateJsonSchema], *models: type[BaseModel]) -> dict[str, dict[str, Any]]:
    wanted = [(model, "validation") for model in models]
    _, described = models_json_schema(wanted, ref_template=REFS, schema_generator=generator)  # type: ignore[arg-type]
    return dict(described["$defs"])


def _with_what_events_carry(
    record: dict[str, Any], events: Mapping[str, type[Event]], nested: dict[str, dict[str, Any]]
) -> dict[str, Any]:
    fields = {name: [field] for name, field in record["properties"].items()}
    carried = [schema_of(event, WireSchema, REFS) for event in events.values()]
    for schema in carried:
        nested |= schema.get("$defs", {})
        for name, field in schema["properties"].items():
            if field not in fields.setdefault(name, []):
                fields[name].append(field)
    always = set(record["required"]) | set.intersection(*(set(schema["required"]) for schema in carried))
    return record | {
        "required": [name for name in fields if name in always],
        "properties": {name: kinds[0] if len(kinds) == 1 else {"anyOf": kinds} for name, kinds in fields.items()},
    }


def _status(events: Mapping[str, type[Event]]) -> dict[str, Any]:
    # No enum: another step brings another status, and a client is not to break on it.
    final = ", ".join(event.status for event in events.values() if event.terminal)
    return {
        "title": "Status",
        "description": f"How {A_NOUN} stands. Final are {final}. New ones may come: take one that you do not know for "
        f"{A_NOUN} under way.",
        "type": "string",
        "examples": [event.status for event in events.values()],
    }
