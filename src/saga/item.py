"""Records as DynamoDB writes them (Amazon DynamoDB Developer Guide, "DynamoDB low-level API").

boto3 has a converter as well. Importing boto3 for it would make each cold start longer by a tenth
(docs/decisions/cold-starts.md).
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any


def to_item(values: Mapping[str, Any]) -> dict[str, Any]:
    """Write plain values as an item. Raises `TypeError` for what the tables do not hold, fractions for example."""
    return {name: _write(value) for name, value in values.items()}


def from_item(item: Mapping[str, Any]) -> dict[str, Any]:
    """Read an item into plain values; whole numbers come as `int`."""
    return {name: _read(value) for name, value in item.items()}


def _write(value: Any) -> dict[str, Any]:
    match value:
        case str():
            return {"S": value}
        case bool():
            return {"BOOL": value}
        case int():
            return {"N": str(value)}
        case list() | tuple():
            return {"L": [_write(element) for element in value]}
        case dict():
            return {"M": to_item(value)}
    raise TypeError(f"the tables hold no {type(value).__name__}: {value!r}")


def _read(attribute: Mapping[str, Any]) -> Any:
    ((kind, value),) = attribute.items()
    match kind:
        case "N":
            number = Decimal(value)
            return int(number) if number == int(number) else number
        case "L":
            return [_read(element) for element in value]
        case "M":
            return from_item(value)
        case "NULL":
            return None
    return value
