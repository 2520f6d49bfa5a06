"""What an expression may be taken for: each rule returns other expressions for one, and says which kind they are."""

import ast
from collections.abc import Iterator, Mapping
from copy import deepcopy
from itertools import pairwise
from typing import NamedTuple

from tools.project.mutants.change import Kind

Siblings = Mapping[str, tuple[str, ...]]
"""The fields that each field may be taken for."""


class Other(NamedTuple):
    """What stands in the place of an expression, and both as a person would write them."""

    kind: Kind
    expression: ast.expr
    before: str
    after: str


COMPARED: Mapping[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
"""What each comparison is replaced by: its negation, and where there is one, its neighbour at the boundary."""
CALCULATED: Mapping[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Div,
    ast.Mod: ast.Mult,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}
BUILT_IN_TYPES = {
    "bool",
    "bytes",
    "complex",
    "dict",
    "float",
    "frozenset",
    "int",
    "list",
    "object",
    "set",
    "str",
    "type",
}


def others(node: ast.expr, siblings: Siblings) -> Iterator[Other]:
    """Yield what an expression may be taken for; what it is made of is not looked at."""
    match node:
        case ast.Constant():
            yield from _constants(node)
        case ast.Compare():
            yield from _comparisons(node)
        case ast.BoolOp():
            changed = deepcopy(node)
            changed.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
            yield _other(Kind.LOGIC, node, changed)
        case ast.UnaryOp(op=ast.Not()):
            yield _other(Kind.LOGIC, node, node.operand)
        case ast.UnaryOp(op=ast.USub()):
            yield _other(Kind.ARITHMETIC, node, node.operand)
        case ast.BinOp() if type(node.op) in CALCULATED and not is_type(node):
            calculated = deepcopy(node)
            calculated.op = CALCULATED[type(node.op)]()
            yield _other(Kind.ARITHMETIC, node, calculated)
        case ast.Attribute(ctx=ast.Load(), attr=name):
            for sibling in siblings.get(name, ()):
                yield _other(Kind.FIELD, node, ast.Attribute(node.value, sibling, ast.Load()))
        case ast.Call():
            yield from _arguments(node)


def negated(condition: ast.expr) -> Iterator[Other]:
    """Yield the opposite of a condition, unless its own rule has it."""
    if not isinstance(condition, ast.Compare | ast.BoolOp) and not (
        isinstance(condition, ast.UnaryOp) and isinstance(condition.op, ast.Not)
    ):
        yield _other(Kind.LOGIC, condition, ast.UnaryOp(ast.Not(), condition))


def not_called(call: ast.Call) -> Iterator[Other]:
    """Yield what is left of a call that is not made: its first argument, or what its method is of, or None."""
    match call:
        case ast.Call(func=ast.Name("super")):
            return
        case ast.Call(args=[first, *_]) if not isinstance(first, ast.Starred):
            left: ast.expr = first
        case ast.Call(func=ast.Attribute(value=owner), keywords=[]):
            left = owner
        case _:
            left = ast.Constant(None)
    yield _other(Kind.CALL, call, left)


def is_type(node: ast.expr) -> bool:
    """Return whether an expression is a type, as `Paid | Refused` or `list[str]`: changing it changes no behaviour."""
    match node:
        case ast.Constant(value=None):
            return True
        case ast.Name(name) | ast.Attribute(attr=name):
            return name in BUILT_IN_TYPES or (name[:1].isupper() and not name.isupper())
        case ast.Subscript(value=generic):
            return is_type(generic)
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return is_type(left) and is_type(right)
    return False


def _constants(node: ast.Constant) -> Iterator[Other]:
    match node.value:
        case bool():
            yield _other(Kind.CONSTANT, node, ast.Constant(not node.value))
        case int() | float():
            for changed in (node.value + 1, node.value - 1):
                yield _other(Kind.CONSTANT, node, ast.Constant(changed))
        case str():
            yield _other(Kind.TEXT, node, ast.Constant(f"XX{node.value}XX"))
        case bytes():
            yield _other(Kind.TEXT, node, ast.Constant(b"XX" + node.value + b"XX"))


def _comparisons(node: ast.Compare) -> Iterator[Other]:
    for place, operator in enumerate(node.ops):
        for other in COMPARED[type(operator)]:
            changed = deepcopy(node)
            changed.ops[place] = other()
            yield _other(Kind.COMPARISON, node, changed)


def _arguments(call: ast.Call) -> Iterator[Other]:
    """Yield the call without each of its arguments, and with each two that are side by side exchanged."""
    given: list[ast.expr | ast.keyword] = [*call.args, *call.keywords]
    named = call.func.attr if isinstance(call.func, ast.Attribute) else ast.unparse(call.func)
    for argument in given:
        without = ast.Call(
            call.func,
            [each for each in call.args if each is not argument],
            [each for each in call.keywords if each is not argument],
        )
        yield Other(Kind.DROPPED, without, f"{named}({ast.unparse(argument)})", f"{named}()")
    for one, other in pairwise(given):
        if type(one) is type(other) and not _is_unpacked(one) and not _is_unpacked(other):
            changed = {id(one): _with_value_of(one, other), id(other): _with_value_of(other, one)}
            swapped = ast.Call(call.func, [], [])
            for each in given:
                new = changed.get(id(each), each)
                (swapped.keywords if isinstance(new, ast.keyword) else swapped.args).append(new)  # type: ignore[arg-type]
            before, after = (
                f"{named}({', '.join(map(ast.unparse, pair))})"
                for pair in ((one, other), (changed[id(one)], changed[id(other)]))
            )
            if before != after:
                yield Other(Kind.SWAPPED, swapped, before, after)


def _is_unpacked(argument: ast.expr | ast.keyword) -> bool:
    return isinstance(argument, ast.Starred) or (isinstance(argument, ast.keyword) and argument.arg is None)


def _with_value_of(one: ast.expr | ast.keyword, other: ast.expr | ast.keyword) -> ast.expr | ast.keyword:
    if isinstance(one, ast.keyword) and isinstance(other, ast.keyword):
        return ast.keyword(one.arg, other.value)
    return other


def _other(kind: Kind, node: ast.expr, changed: ast.expr) -> Other:
    return Other(kind, changed, ast.unparse(node), ast.unparse(changed))
