"""The fields of the classes in `src/`, and which of them may be taken for one another."""

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeGuard


@dataclass(frozen=True)
class _Class:
    bases: tuple[str, ...]
    fields: dict[str, str]
    """Name -> annotation."""


def siblings(modules: Iterable[ast.Module]) -> dict[str, tuple[str, ...]]:
    """Return, for each field of a class, the field of the same class that it is most easily taken for.

    That is the next one of the same type, or the next one at all. A field that several classes have has one for each.
    """
    modules = list(modules)
    types = {name: kind for module in modules for name, kind in _named_types(module)}
    classes = {each.name: _read(each, types) for module in modules for each in ast.walk(module) if _is_class(each)}
    found: dict[str, dict[str, None]] = {}
    for each in classes.values():
        fields = _with_inherited(each, classes)
        for name, kind in fields.items():
            if sibling := _next(name, kind, fields):
                found.setdefault(name, {})[sibling] = None
    return {name: tuple(sorted(taken)) for name, taken in found.items()}


def _is_class(node: ast.AST) -> TypeGuard[ast.ClassDef]:
    return isinstance(node, ast.ClassDef)


def _read(defined: ast.ClassDef, types: Mapping[str, str]) -> _Class:
    fields = {
        each.target.id: _kind(each.annotation, types)
        for each in defined.body
        if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name)
    }
    return _Class(tuple(each.id for each in defined.bases if isinstance(each, ast.Name)), fields)


def _named_types(module: ast.Module) -> Iterable[tuple[str, str]]:
    """Yield the types that a module gives a name: `Key = Annotated[str, ...]` is a str."""
    for each in module.body:
        match each:
            case ast.Assign(
                targets=[ast.Name(name)],
                value=ast.Subscript(value=ast.Name("Annotated"), slice=ast.Tuple(elts=[kind, *_])),
            ):
                yield name, ast.unparse(kind)


def _kind(annotation: ast.expr, types: Mapping[str, str]) -> str:
    match annotation:
        case ast.Subscript(value=ast.Name("ClassVar"), slice=inner):
            return _kind(inner, types)
        case ast.BinOp(left=inner, right=ast.Constant(value=None)):
            return _kind(inner, types)
    written = ast.unparse(annotation)
    return types.get(written, written)


def _with_inherited(each: _Class, classes: Mapping[str, _Class]) -> dict[str, str]:
    fields: dict[str, str] = {}
    for base in each.bases:
        if base in classes:
            fields |= _with_inherited(classes[base], classes)
    return fields | each.fields


def _next(name: str, kind: str, fields: Mapping[str, str]) -> str | None:
    names = list(fields)
    at = names.index(name)
    after = [*names[at + 1 :], *names[:at]]
    return next((each for each in after if fields[each] == kind), after[0] if after else None)
