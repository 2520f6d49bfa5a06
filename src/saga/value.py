"""Values on the wire: on the bus as JSON, in the table as attributes, and back as the same value.

JSON has no date, no decimal and no UUID, and Pydantic reads more spellings of them than it writes: it takes the text
"1769851800" for a time. Here each has one spelling, which the published JSON Schema states as a pattern, so that model
and schema accept the same events.
"""

import re
from collections.abc import Callable
from threading import RLock
from types import NoneType
from typing import Any, get_args

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler, ValidationInfo
from pydantic.alias_generators import to_camel
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from saga.clock import iso, to_millisecond

SPELLING = {
    "datetime": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z$",
    "date": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
    "decimal": r"^-?(0|[1-9][0-9]*)(\.[0-9]+)?$",
    "uuid": r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$",
}
"""The one spelling of each type that JSON does not have, by the name of Pydantic's core schema."""

WRITTEN: dict[str, Callable[[Any], str]] = {"datetime": iso, "decimal": lambda number: format(number, "f")}
"""How a type is written that Python spells in more than one way: `1E+2` is written as `100`."""


_building = RLock()


class Value(BaseModel):
    """A model that goes over the wire, in camelCase, the same bytes for the same value.

    A field may be text, a whole number, a boolean, a date, an aware datetime (to the millisecond, in UTC), a Decimal
    (as text), a UUID, an enum, another `Value`, or a list or an optional of these. Optional fields default to None and
    are left out. Unknown fields are ignored (tolerant reader); nothing is coerced. Raises `TypeError` for a class with
    a field of another type.
    """

    model_config = ConfigDict(
        alias_generator=to_camel,
        validate_by_name=False,
        validate_by_alias=True,
        serialize_by_alias=True,
        frozen=True,
        strict=True,
        defer_build=True,
        # A value may be personal data, and whoever raises the error has it logged.
        hide_input_in_errors=True,
    )

    @classmethod
    def model_rebuild(cls, **options: Any) -> bool | None:
        """Build the model at its first use, once: other threads wait, for Pydantic could give them the parent's."""
        with _building:
            return super().model_rebuild(**options)

    @classmethod
    def __pydantic_init_subclass__(cls, **_options: Any) -> None:
        """Reject field types that could not be read back as the same value."""
        for name, field in cls.model_fields.items():
            for kind in _kinds(field.annotation):
                _check(f"{cls.__name__}.{name}", kind)
            if NoneType in get_args(field.annotation) and field.default is not None:
                raise TypeError(
                    f"{cls.__name__}.{name}: an optional field defaults to None, for it is left out if unset"
                )

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Allow only one spelling of each type in JSON."""
        reference = handler(source)
        schema: Any = handler.resolve_ref_schema(reference)
        schema.update(_spelled(schema))
        return reference

    def fields(self) -> dict[str, Any]:
        """Return the fields as JSON has them, camelCase; an optional field that is not set is left out."""
        return self.model_dump(mode="json", exclude_none=True)


def _kinds(annotation: Any) -> list[Any]:
    inner = get_args(annotation)
    return [kind for part in inner for kind in _kinds(part)] if inner else [annotation]


def _check(field: str, kind: Any) -> None:
    if kind in (Any, object) or (isinstance(kind, type) and issubclass(kind, float | complex | bytes)):
        raise TypeError(f"{field}: {getattr(kind, '__name__', kind)} does not come back as the same value; use Decimal")
    if isinstance(kind, type) and issubclass(kind, BaseModel) and not issubclass(kind, Value):
        raise TypeError(f"{field}: {kind.__name__} must be a saga.value.Value to go over the wire")


def _spelled(schema: Any) -> Any:
    """Return a core schema that takes from JSON what the published schema allows, and nothing else."""
    if isinstance(schema, list):
        return [_spelled(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    schema = {name: _spelled(part) for name, part in schema.items()}
    match schema.get("type"):
        case "int":
            return core_schema.with_info_before_validator_function(_whole, schema)
        case "default" if schema["schema"].get("type") == "nullable":
            nullable = schema["schema"]
            return schema | {"schema": core_schema.json_or_python_schema(nullable["schema"], nullable)}
        case "datetime" | "date" | "decimal" | "uuid":
            return _one_spelling(schema)
    return schema


def _one_spelling(schema: Any) -> Any:
    kind = schema["type"]
    pattern, written = re.compile(SPELLING[kind], re.ASCII), WRITTEN.get(kind)

    def check(value: Any) -> Any:
        if not (isinstance(value, str) and pattern.fullmatch(value)):
            raise PydanticCustomError(
                "spelling", "Input should be text that matches {pattern}", {"pattern": pattern.pattern}
            )
        return value

    def read(*, strict: bool) -> Any:
        inner = schema | {"strict": strict}
        if kind != "datetime":
            return inner
        return core_schema.no_info_after_validator_function(to_millisecond, inner | {"tz_constraint": "aware"})

    return core_schema.json_or_python_schema(
        # Not strict: checked text comes here as a Python value, which a strict schema would refuse.
        json_schema=core_schema.no_info_before_validator_function(check, read(strict=False)),
        python_schema=read(strict=True),
        serialization=core_schema.plain_serializer_function_ser_schema(
            written, return_schema=core_schema.str_schema(), when_used="json"
        )
        if written
        else None,
    )


def _whole(value: Any, info: ValidationInfo) -> Any:
    # JSON Schema counts 1.0 as an integer, and so do programs in languages that have one kind of number.
    return int(value) if info.mode == "json" and isinstance(value, float) and value.is_integer() else value
