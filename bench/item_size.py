"""How many bytes a record takes in DynamoDB (Amazon DynamoDB Developer Guide, "DynamoDB item sizes and formats")."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any


def item_size(record: Mapping[str, Any]) -> int:
    """Return the bytes of a record's names and values. Raises `TypeError` for what no record holds."""
    return sum(len(name.encode()) + value_size(value) for name, value in record.items())


def value_size(value: Any) -> int:
    """Return the bytes of one value: text, a whole number, or a list or map of them. Raises `TypeError` for others."""
    match value:
        case str():
            return len(value.encode())
        case int() | Decimal():
            # Two digits a byte and one byte more; a sign takes one, too, and zeros at the end none.
            return (len(str(abs(value)).rstrip("0")) + 1) // 2 + 1 + (value < 0)
        case list():
            return 3 + sum(1 + value_size(element) for element in value)
        case dict():
            return 3 + item_size(value) + len(value)
    raise TypeError(f"no record holds a {type(value).__name__}")
