"""What differs between two JSON Schemas, as far as a document can tell.

Titles, descriptions and examples may change freely. Everything else is compared, and said in terms of the documents:
which fields there are and which must be, and whether a value may be less than before (narrowed), more (widened), or
something else (changed). A keyword that is not known here counts as changed: better asked once too often.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

Schema = Mapping[str, Any]

ANNOTATIONS = {"title", "description", "examples", "example", "deprecated", "$schema", "$id", "$comment", "$defs"}
COMPARED = {"type", "enum", "const", "properties", "required", "items", "additionalProperties", "anyOf", "oneOf"}
"""What is compared in a way of its own."""
LOWER_BOUNDS = {"minLength", "minimum", "exclusiveMinimum", "minItems", "minProperties"}
UPPER_BOUNDS = {"maxLength", "maximum", "exclusiveMaximum", "maxItems", "maxProperties"}
EVERY_TYPE = {"null", "boolean", "object", "array", "string", "integer", "fraction"}


class Kind(StrEnum):
    """What became of a field."""

    REMOVED = "field-removed"
    MADE_REQUIRED = "field-made-required"
    MADE_OPTIONAL = "field-made-optional"
    NARROWED = "type-narrowed"
    WIDENED = "type-widened"
    CHANGED = "type-changed"
    DEFAULT_CHANGED = "default-changed"


@dataclass(frozen=True)
class Difference:
    """One difference: of which kind, at which field (`history[].at`), and what was and is."""

    kind: Kind
    field: str
    said: str


def differences(before: Schema, now: Schema, field: str = "") -> Iterator[Difference]:
    """Yield what differs between two schemas without references, see `resolved`."""
    if len(_alternatives(before)) > 1 or len(_alternatives(now)) > 1:
        yield from _of_sets("it", _canonical(before), _canonical(now), field)
        yield from _of_keyword("default", before.get("default"), now.get("default"), field)
        return
    types = list(_of_sets("the type", _types(before), _types(now), field))
    yield from types
    if types and (types[0].kind is Kind.CHANGED or EVERY_TYPE in (_types(before), _types(now))):
        # The constraints of the one have nothing to do with those of the other.
        return
    yield from _of_sets("the value", _values(before), _values(now), field)
    yield from _of_fields(before, now, field)
    if "items" in before or "items" in now:
        yield from differences(before.get("items", {}), now.get("items", {}), f"{field}[]")
    yield from _of_other_fields(before.get("additionalProperties"), now.get("additionalProperties"), field)
    for keyword in sorted(filter(_constrains, {*before, *now})):
        yield from _of_keyword(keyword, before.get(keyword), now.get(keyword), field)


def resolved(schema: Any, document: Any, seen: tuple[str, ...] = ()) -> Any:
    """Return a schema with what it refers to in its place; a reference to what it is part of itself stays."""
    if isinstance(schema, list):
        return [resolved(each, document, seen) for each in schema]
    if not isinstance(schema, dict):
        return schema
    reference = schema.get("$ref")
    if isinstance(reference, str) and reference not in seen:
        found = document
        for name in reference.split("/")[1:]:
            found = found[name.replace("~1", "/").replace("~0", "~")]
        beside = {key: value for key, value in schema.items() if key != "$ref"}
        return resolved(found, document, (*seen, reference)) | resolved(beside, document, seen)
    merged = {key: resolved(value, document, seen) for key, value in schema.items() if key != "allOf"}
    for part in resolved(schema.get("allOf", []), document, seen):
        merged = _merged(merged, part)
    return merged


def _merged(one: dict[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    fields = dict(one.get("properties", {}))
    for name, schema in other.get("properties", {}).items():
        fields[name] = {**fields.get(name, {}), **schema}
    required = list(dict.fromkeys([*one.get("required", []), *other.get("required", [])]))
    whole = {**one, **other}
    return whole | ({"properties": fields} if fields else {}) | ({"required": required} if required else {})


def _of_fields(before: Schema, now: Schema, field: str) -> Iterator[Difference]:
    had, has = before.get("properties", {}), now.get("properties", {})
    needed, needs = set(before.get("required", [])), set(now.get("required", []))
    for name in had | has:
        inner = f"{field}.{name}" if field else name
        if name not in has:
            yield Difference(Kind.REMOVED, inner, "it was there and is gone")
        elif name not in had:
            if name in needs:
                yield Difference(Kind.MADE_REQUIRED, inner, "it is new and required")
            if before.get("additionalProperties") is False:
                yield Difference(Kind.WIDENED, inner, "it is new where no other field was allowed")
        else:
            if name in needs - needed:
                yield Difference(Kind.MADE_REQUIRED, inner, "it was optional and is required")
            if name in needed - needs:
                yield Difference(Kind.MADE_OPTIONAL, inner, "it was required and is optional")
            yield from differences(had[name], has[name], inner)


def _of_keyword(keyword: str, before: Any, now: Any, field: str) -> Iterator[Difference]:
    if before != now:
        kind = _kind_of(keyword, before, now)
        yield Difference(kind, field, f"{keyword} was {_shown(before)} and is {_shown(now)}")


def _kind_of(keyword: str, before: Any, now: Any) -> Kind:
    if keyword == "default":
        return Kind.DEFAULT_CHANGED
    if before is None or now is None:
        return Kind.NARROWED if before is None else Kind.WIDENED
    if keyword in LOWER_BOUNDS:
        return Kind.NARROWED if now > before else Kind.WIDENED
    if keyword in UPPER_BOUNDS:
        return Kind.NARROWED if now < before else Kind.WIDENED
    return Kind.CHANGED


def _of_other_fields(before: Any, now: Any, field: str) -> Iterator[Difference]:
    # Left out means any other field is allowed.
    before, now = ({} if each is None or each is True else each for each in (before, now))
    if before is not False and now is not False:
        yield from differences(before, now, f"{field}.*" if field else "*") if before or now else ()
    elif before is not False:
        yield Difference(Kind.NARROWED, field, "other fields were allowed and are not")
    elif now is not False:
        yield Difference(Kind.WIDENED, field, "other fields were not allowed and are")


def _of_sets(what: str, before: set[str] | None, now: set[str] | None, field: str) -> Iterator[Difference]:
    """Compare what a value may be; None is anything at all."""
    if before == now:
        return
    if now is None or (before is not None and before < now):
        kind = Kind.WIDENED
    elif before is None or now < before:
        kind = Kind.NARROWED
    else:
        kind = Kind.CHANGED
    yield Difference(kind, field, f"{what} was {_listed(before)} and is {_listed(now)}")


def _types(schema: Schema) -> set[str]:
    """Return the types that a value may have; a number is an integer or a fraction, so an integer is less than it."""
    said = schema.get("type", sorted(EVERY_TYPE))
    types = set([said] if isinstance(said, str) else said)
    return types - {"number"} | {"integer", "fraction"} if "number" in types else types


def _values(schema: Schema) -> set[str] | None:
    """Return the values that a document may have, None for any."""
    said = [schema["const"]] if "const" in schema else schema.get("enum")
    return None if said is None else {json.dumps(value) for value in said}


def _alternatives(schema: Schema) -> list[Schema]:
    """Return what a document may be one of."""
    found: list[Schema] = schema.get("anyOf") or schema.get("oneOf") or [schema]
    return found


def _canonical(schema: Schema) -> set[str]:
    return {json.dumps(_constraints(each), sort_keys=True) for each in _alternatives(schema)}


def _constraints(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_constraints(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    fields = {name: _constraints(field) for name, field in schema.get("properties", {}).items()}
    kept = {key: _constraints(value) for key, value in schema.items() if key not in ANNOTATIONS | {"default"}}
    return kept | ({"properties": fields} if fields else {})


def _constrains(keyword: str) -> bool:
    return keyword not in ANNOTATIONS | COMPARED and not keyword.startswith("x-")


def _listed(values: set[str] | None) -> str:
    if values is None or values == EVERY_TYPE:
        return "anything"
    if "fraction" in values:
        values = values - {"integer", "fraction"} | {"number"}
    return " or ".join(sorted(values))


def _shown(value: Any) -> str:
    return "not said" if value is None else json.dumps(value)
