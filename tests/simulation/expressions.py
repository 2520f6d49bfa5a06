"""DynamoDB's expression language, as far as the saga speaks it; anything else raises `UnsupportedExpressionError`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from typing import Any

Item = dict[str, Any]
Node = tuple[Any, ...]
TOKEN = re.compile(r"\s*([#:]?[A-Za-z_][A-Za-z0-9_]*|<=|>=|<>|[=<>+\-(),])")


class UnsupportedExpressionError(AssertionError):
    """The saga uses an expression that the fake does not understand: teach it, do not guess."""


class InvalidExpressionError(Exception):
    """DynamoDB answers this with a ValidationException."""


@dataclass
class Placeholders:
    """The names and values that an expression may use; all of them must be used in the end, as DynamoDB demands."""

    names: Mapping[str, str]
    values: Mapping[str, Any]
    used: set[str] = field(default_factory=set)

    def name(self, token: str) -> str:
        if not token.startswith("#"):
            return token
        self.used.add(token)
        if token not in self.names:
            raise InvalidExpressionError(f"an expression attribute name is not defined: {token}")
        return self.names[token]

    def value(self, token: str) -> Any:
        self.used.add(token)
        if token not in self.values:
            raise InvalidExpressionError(f"an expression attribute value is not defined: {token}")
        return self.values[token]

    def check_all_used(self) -> None:
        if unused := {*self.names, *self.values} - self.used:
            raise InvalidExpressionError(f"unused in expressions: {sorted(unused)}")


def holds(expression: str, item: Item | None, placeholders: Placeholders) -> bool:
    """Return whether a condition holds for an item, or for none."""
    # Every part is looked at, even after one that fails: a placeholder counts as used wherever it stands.
    if " OR " in expression:
        # AND binds more closely ("Comparison operator and function reference").
        either = [holds(part, item, placeholders) for part in expression.split(" OR ")]
        return any(either)
    parts = [_holds(part, item or {}, placeholders) for part in _condition(expression)]
    return all(parts)


def updated(expression: str, item: Item, placeholders: Placeholders) -> Item:
    """Return the item as an update leaves it; every clause sees the item as it was before."""
    after = dict(item)
    for clause, name, operand in _update(expression):
        target = placeholders.name(name)
        if clause == "SET":
            after[target] = _evaluated(operand, item, placeholders)
        elif clause == "REMOVE":
            after.pop(target, None)
        else:
            added = _number(placeholders.value(operand))
            after[target] = {"N": str(_number(item.get(target, {"N": "0"})) + added)}
    return after


def _holds(part: Node, item: Item, placeholders: Placeholders) -> bool:
    operator, left, right = part
    if operator in {"attribute_exists", "attribute_not_exists"}:
        return (placeholders.name(left) in item) is (operator == "attribute_exists")
    if operator == "IN":
        values = [_operand(token, item, placeholders) for token in right]
        return _operand(left, item, placeholders) in values
    one, other = (_operand(token, item, placeholders) for token in (left, right))
    if operator == "<>":
        # An attribute that is not there differs from any value.
        return bool(one != other)
    if one is None or other is None or set(one) != set(other):
        return False
    if operator == "=":
        return bool(one == other)
    one, other = (_number(value) if "N" in value else value["S"] for value in (one, other))
    return bool(one >= other if operator == ">=" else one < other)


def _operand(token: str | tuple[str, str], item: Item, placeholders: Placeholders) -> Any:
    if isinstance(token, tuple):
        name, otherwise = token
        return item.get(placeholders.name(name), placeholders.value(otherwise))
    return placeholders.value(token) if token.startswith(":") else item.get(placeholders.name(token))


def _evaluated(operand: Node, item: Item, placeholders: Placeholders) -> Any:
    operator, *tokens = operand
    values = [_operand(token, item, placeholders) for token in tokens]
    if None in values:
        raise InvalidExpressionError("the provided expression refers to an attribute that does not exist in the item")
    if operator == "list_append":
        return {"L": [*values[0]["L"], *values[1]["L"]]}
    if operator == "value":
        return values[0]
    one, other = map(_number, values)
    return {"N": str(one + other if operator == "+" else one - other)}


def _number(value: dict[str, Any]) -> Decimal:
    if set(value) != {"N"}:
        raise InvalidExpressionError(f"an operand is not a number: {value}")
    return Decimal(value["N"])


@cache
def _condition(expression: str) -> tuple[Node, ...]:
    tokens, parts = _tokens(expression), list[Node]()
    while tokens:
        match tokens:
            case ["attribute_not_exists" | "attribute_exists" as operator, "(", name, ")", *rest]:
                parts.append((operator, name, None))
            case [left, "IN", "(", *more] if ")" in more:
                end = more.index(")")
                parts.append(("IN", left, tuple(more[:end:2])))
                rest = more[end + 1 :]
            case [left, "=" | "<>" | ">=" | "<" as operator, right, *rest]:
                parts.append((operator, left, right))
            case _:
                raise UnsupportedExpressionError(expression)
        if rest and rest[0] != "AND":
            raise UnsupportedExpressionError(expression)
        tokens = rest[1:]
    return tuple(parts)


@cache
def _update(expression: str) -> tuple[Node, ...]:
    tokens, clause, actions = _tokens(expression), "", list[Node]()
    while tokens:
        if tokens[0] in {"SET", "ADD", "REMOVE"}:
            clause, *tokens = tokens
        match clause, tokens:
            case "SET", [
                name,
                "=",
                "list_append",
                "(",
                "if_not_exists",
                "(",
                one,
                ",",
                none,
                ")",
                ",",
                other,
                ")",
                *rest,
            ]:
                actions.append((clause, name, ("list_append", (one, none), other)))
            case "SET", [name, "=", "list_append", "(", one, ",", other, ")", *rest]:
                actions.append((clause, name, ("list_append", one, other)))
            case "SET", [name, "=", one, "+" | "-" as operator, other, *rest]:
                actions.append((clause, name, (operator, one, other)))
            case "SET", [name, "=", value, *rest]:
                actions.append((clause, name, ("value", value)))
            case "ADD", [name, value, *rest] if value.startswith(":"):
                actions.append((clause, name, value))
            case "REMOVE", [name, *rest]:
                actions.append((clause, name, None))
            case _:
                raise UnsupportedExpressionError(expression)
        tokens = rest[1:] if rest and rest[0] == "," else rest
    return tuple(actions)


def _tokens(expression: str) -> list[str]:
    tokens, at = [], 0
    while at < len(expression.rstrip()):
        found = TOKEN.match(expression, at)
        if found is None:
            raise UnsupportedExpressionError(expression)
        tokens.append(found[1])
        at = found.end()
    return tokens
