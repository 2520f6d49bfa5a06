"""The JSON Schema of each event's detail, made from its class.

They are of Pydantic's mode "validation". An event is read and written by one model, with the same constraints in both
modes; only of a time "serialization" knows no more than that it is text, for the serializer says no more. The schemas
say what is on the wire, which is a little less than the models take: a time in one spelling, and no null.
"""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from saga.event import EVENT_ID, Event
from saga.value import SPELLING
from tools.project.contracts.text import as_json

DIALECT = "https://json-schema.org/draft/2020-12/schema"
FIRST = ("title", "description", "type", "required")
EVENT_ID_SCHEMA = {
    "type": "string",
    "format": "uuid",
    "pattern": SPELLING["uuid"],
    "description": "the same each time that this event is published or delivered: what a consumer knows duplicates by",
}
BOUNDS = {"gt", "ge"}
"""Lower bounds of a number; 0 is the one that a pattern expresses."""


class ReadableSchema(GenerateJsonSchema):
    """Says of a model what a reader needs: no title that only repeats a field's name, keys in the order of writing."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002  none should
        """Leave a field's title out."""
        return False

    def sort(self, value: JsonSchemaValue, parent_key: str | None = None) -> JsonSchemaValue:  # noqa: ARG002
        """Leave the keys in their order: the type first, then what constrains it."""
        return value

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        """Put the description first."""
        described = super().model_schema(schema)
        return {key: described[key] for key in FIRST if key in described} | described

    def datetime_schema(self, schema: core_schema.DatetimeSchema) -> JsonSchemaValue:
        """Describe how a time is written."""
        return {
            **super().datetime_schema(schema),
            "pattern": SPELLING["datetime"],
            "description": "UTC, ISO 8601 to the millisecond",
        }

    def date_schema(self, schema: core_schema.DateSchema) -> JsonSchemaValue:
        """Describe how a date is written."""
        return {**super().date_schema(schema), "pattern": SPELLING["date"]}

    def decimal_schema(self, schema: core_schema.DecimalSchema) -> JsonSchemaValue:
        """Describe how a number is written as text; raise `TypeError` for a bound that a pattern cannot express."""
        if "max_digits" in schema and "decimal_places" not in schema:
            raise TypeError("a Decimal with max_digits needs decimal_places too: no pattern counts all digits")
        if unsaid := {name for name in BOUNDS if schema.get(name)} | ({"le", "lt", "multiple_of"} & schema.keys()):
            raise TypeError(f"a Decimal is text on the wire, and no pattern says {', '.join(sorted(unsaid))}")
        sign = r"(?!0(\.0+)?$)" if "gt" in schema else r"(-(?=0(\.0+)?$))?" if "ge" in schema else "-?"
        places, whole = schema.get("decimal_places"), "*"
        if places is not None and "max_digits" in schema:
            whole = f"{{0,{schema['max_digits'] - places - 1}}}"
        fraction = r"(\.[0-9]+)?" if places is None else rf"(\.(?=[0-9])[0-9]{{0,{places}}}0*)?"
        return {"type": "string", "pattern": f"^{sign}(0|[1-9][0-9]{whole}){fraction}$"}


class WireSchema(ReadableSchema):
    """Says of a model what is on the wire: a field that is not set is left out (`Event.fields`), never null."""

    def uuid_schema(self, schema: core_schema.UuidSchema) -> JsonSchemaValue:
        """Describe how a UUID is written."""
        return {**super().uuid_schema(schema), "pattern": SPELLING["uuid"]}

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        """Leave null out."""
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        """Leave a default of null out."""
        described = super().default_schema(schema)
        return {key: value for key, value in described.items() if (key, value) != ("default", None)}


def schema_of(
    model: type[BaseModel], generator: type[GenerateJsonSchema] = WireSchema, refs: str = "#/$defs/{model}"
) -> dict[str, Any]:
    """Return the JSON Schema of a model; models inside of it are in its `$defs`, and referred to as `refs` says."""
    return model.model_json_schema(schema_generator=generator, ref_template=refs)


def schema_of_detail(event: type[BaseModel], refs: str = "#/$defs/{model}") -> dict[str, Any]:
    """Return the JSON Schema of what `Event.detail` writes: the event's fields, and its id.

    The id is optional, since events of releases before 1.0.0 have none.
    """
    schema = schema_of(event, refs=refs)
    return schema | {"properties": schema["properties"] | {EVENT_ID: EVENT_ID_SCHEMA}}


def document(event: type[BaseModel], example: Mapping[str, Any]) -> str:
    """Return the text of an event's schema file; `example` is a detail."""
    head = {
        "$schema": DIALECT,
        "$id": f"{event.__name__}.json",
        "$comment": f"Generated from {event.__module__} by `make generate`: change the class, not this file.",
    }
    return as_json(head | schema_of_detail(event) | {"examples": [dict(example)]})


def documents(events: Mapping[str, type[Event]], examples: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Return the schema file of each event, by file name; `examples` are events as EventBridge delivers them."""
    return {f"{name}.json": document(event, examples[name]["detail"]) for name, event in events.items()}
