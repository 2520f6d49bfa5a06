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

from saga.event import Event
from saga.value import SPELLING
from tools.project.contracts.text import as_json

DIALECT = "https://json-schema.org/draft/2020-12/schema"
FIRST = ("title", "description", "type", "required")


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


class WireSchema(ReadableSchema):
    """Says of a model what is on the wire: a field that is not set is left out (`Event.fields`), never null."""

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


def document(event: type[BaseModel], example: Mapping[str, Any]) -> str:
    """Return the text of an event's schema file; `example` is a detail."""
    head = {
        "$schema": DIALECT,
        "$id": f"{event.__name__}.json",
        "$comment": f"Generated from {event.__module__} by `make generate`: change the class, not this file.",
    }
    return as_json(head | schema_of(event) | {"examples": [dict(example)]})


def documents(events: Mapping[str, type[Event]], examples: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Return the schema file of each event, by file name; `examples` are events as EventBridge delivers them."""
    return {f"{name}.json": document(event, examples[name]["detail"]) for name, event in events.items()}
