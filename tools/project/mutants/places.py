"""Finds what may be changed in a file: everything that runs, and neither annotations nor docstrings."""

import ast
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass

from tools.project.mutants.change import Change, Kind
from tools.project.mutants.expressions import CALCULATED, Other, Siblings, is_type, negated, not_called, others


@dataclass(frozen=True)
class Place:
    """Where a change is made."""

    scope: str
    """The function or class around it, empty for the module itself."""
    lines: range
    """Those of its statement, or of the head of one that has statements in it."""
    at_import: bool
    """Whether it runs when the module is imported."""


def changes(source: bytes, siblings: Siblings) -> Iterator[tuple[Place, Change]]:
    """Yield everything that may be changed in a file, one change at a time, in the order of the file."""
    walk = _Walk(source, siblings)
    walk.statements(ast.parse(source).body, Place("", range(0), at_import=True))
    seen = set[tuple[int, int, str]]()
    for place, change in sorted(walk.found, key=lambda each: (each[1].start, each[1].end)):
        if (same := (change.start, change.end, change.text)) not in seen:
            seen.add(same)
            yield place, change


class _Walk:
    def __init__(self, source: bytes, siblings: Siblings) -> None:
        self._siblings = siblings
        self._starts = [0]
        for line in source.splitlines(keepends=True):
            self._starts.append(self._starts[-1] + len(line))
        self.found: list[tuple[Place, Change]] = []

    def statements(self, body: list[ast.stmt], around: Place) -> None:
        for statement in body:
            if not _never_runs(statement):
                self._statement(statement, around)

    def _statement(self, statement: ast.stmt, around: Place) -> None:
        match statement:
            case ast.FunctionDef():
                self._definition(statement, around, at_import=False)
                for default in filter(None, (*statement.args.defaults, *statement.args.kw_defaults)):
                    self._expression(default, _at(around, default))
            case ast.ClassDef():
                self._definition(statement, around, at_import=around.at_import)
                self._class_options(statement, around)
            case ast.Match():
                self._expression(statement.subject, _at(around, statement.subject))
                for case in statement.cases:
                    self._case(case, around)
            case ast.Try():
                for body in (statement.body, *(each.body for each in statement.handlers), statement.orelse):
                    self.statements(body, around)
                self.statements(statement.finalbody, around)
            case ast.If() | ast.While() | ast.For() | ast.With():
                self._head(statement, around)
                self.statements(statement.body, around)
                self.statements(getattr(statement, "orelse", []), around)
            case _:
                self._simple(statement, _at(around, statement))

    def _definition(self, statement: ast.FunctionDef | ast.ClassDef, around: Place, *, at_import: bool) -> None:
        for decorator in statement.decorator_list:
            place, (start, end) = _at(around, decorator), self._span(decorator)
            self._expression(decorator, place, is_called=False)
            written = f"@{ast.unparse(decorator)}"
            self.found.append((place, Change(Kind.CALL, start - 1, end, "", written, "")))
        scope = f"{around.scope}.{statement.name}".lstrip(".")
        self.statements(statement.body, Place(scope, around.lines, at_import))

    def _class_options(self, statement: ast.ClassDef, around: Place) -> None:
        """Change the options of a class, as `status="CREATED"`; its bases are types."""
        for option in statement.keywords:
            place, (start, end) = _at(around, option.value), self._span(option)
            self._expression(option.value, place)
            written = f"{statement.name}({ast.unparse(option)})"
            # An empty unpacking leaves the commas around it as they are.
            self.found.append((place, Change(Kind.DROPPED, start, end, "**{}", written, f"{statement.name}()")))

    def _case(self, case: ast.match_case, around: Place) -> None:
        at = _at(around, case.pattern)
        for node in ast.walk(case.pattern):
            if isinstance(node, ast.MatchValue):
                self._expression(node.value, at)
        if case.guard:
            self._condition(case.guard, at)
            self._expression(case.guard, at)
        self.statements(case.body, around)

    def _head(self, statement: ast.If | ast.While | ast.For | ast.With, around: Place) -> None:
        if isinstance(statement, ast.With):
            for item in statement.items:
                self._expression(item.context_expr, _at(around, item.context_expr))
            return
        head = statement.iter if isinstance(statement, ast.For) else statement.test
        if not isinstance(statement, ast.For):
            self._condition(head, _at(around, head))
        self._expression(head, _at(around, head))

    def _simple(self, statement: ast.stmt, place: Place) -> None:
        match statement:
            case ast.Expr(value=ast.Call() as call):
                start, end = self._span(statement)
                self.found.append((place, Change(Kind.CALL, start, end, "pass", ast.unparse(call), "")))
                self._expression(call, place, is_called=False)
            case ast.AugAssign(op=operator) if type(operator) in CALCULATED:
                other = deepcopy(statement)
                other.op = CALCULATED[type(operator)]()
                start, end = self._span(statement)
                written = ast.unparse(other)
                self.found.append(
                    (place, Change(Kind.ARITHMETIC, start, end, written, ast.unparse(statement), written))
                )
                self._expression(statement.value, place)
            case ast.AnnAssign(value=value):
                self._expression(value, place)
            case ast.Raise(exc=ast.Call() as call):
                self._expression(call, place, is_called=False)
            case _:
                for child in ast.iter_child_nodes(statement):
                    if isinstance(child, ast.expr):
                        self._expression(child, place)

    def _condition(self, condition: ast.expr, place: Place) -> None:
        for other in negated(condition):
            self._add(condition, other, place)

    def _expression(self, node: ast.AST | None, place: Place, *, is_called: bool = True) -> None:
        """Change an expression, then what it is made of; a call that stands for itself is not left out once more."""
        match node:
            case ast.JoinedStr():
                self._text_with_values(node, place)
                return
            case ast.Call(func=ast.Name("cast"), args=[_, value]):
                # At run time it is its second argument.
                self._expression(value, place)
                return
            case ast.expr():
                for other in self._others(node, is_called=is_called):
                    self._add(node, other, place)
            case None:
                return
        for condition in _conditions(node):
            self._condition(condition, place)
        for child in _parts(node):
            self._expression(child, place)

    def _others(self, node: ast.expr, *, is_called: bool = True) -> Iterator[Other]:
        yield from others(node, self._siblings)
        if is_called and isinstance(node, ast.Call):
            yield from not_called(node)

    def _text_with_values(self, text: ast.JoinedStr, place: Place) -> None:
        """Change what is in an f-string as a whole: Python before 3.12 does not say where its parts are."""
        for number, node in enumerate(ast.walk(text)):
            if isinstance(node, ast.expr) and not isinstance(node, ast.JoinedStr):
                for other in self._others(node):
                    changed = deepcopy(text)
                    _Replacing(list(ast.walk(changed))[number], other.expression).visit(changed)
                    self._add(text, other._replace(expression=changed), place)

    def _add(self, node: ast.expr, other: Other, place: Place) -> None:
        start, end = self._span(node)
        written = ast.unparse(ast.fix_missing_locations(other.expression))
        is_whole = isinstance(other.expression, ast.Constant | ast.Name | ast.Call | ast.Attribute | ast.JoinedStr)
        text = written if is_whole else f"({written})"
        self.found.append((place, Change(other.kind, start, end, text, other.before, other.after)))

    def _span(self, node: ast.expr | ast.stmt | ast.keyword) -> tuple[int, int]:
        end_line, end_column = node.end_lineno or node.lineno, node.end_col_offset or 0
        return self._starts[node.lineno - 1] + node.col_offset, self._starts[end_line - 1] + end_column


class _Replacing(ast.NodeTransformer):
    def __init__(self, node: ast.AST, other: ast.AST) -> None:
        self._node, self._other = node, other

    def visit(self, node: ast.AST) -> ast.AST:
        return self._other if node is self._node else super().visit(node)


def _at(around: Place, node: ast.expr | ast.stmt | ast.pattern) -> Place:
    return Place(around.scope, range(node.lineno, (node.end_lineno or node.lineno) + 1), around.at_import)


def _never_runs(statement: ast.stmt) -> bool:
    """Return whether a statement is read by people and type checkers alone."""
    match statement:
        case ast.Import() | ast.ImportFrom() | ast.Expr(value=ast.Constant(value=str())):
            return True
        case ast.If(test=ast.Name("TYPE_CHECKING")) | ast.Assign(targets=[ast.Name("__all__")]):
            return True
        case ast.FunctionDef(decorator_list=[ast.Name("overload"), *_]):
            return True
        case ast.Assign(value=ast.Call(func=ast.Name("TypeVar"))):
            return True
    return False


def _conditions(node: ast.AST) -> list[ast.expr]:
    """Return the conditions that an expression has of its own."""
    match node:
        case ast.IfExp(test=test):
            return [test]
        case ast.comprehension(ifs=ifs):
            return ifs
    return []


def _parts(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what an expression is made of, without what is a type."""
    match node:
        case ast.Subscript(value=ast.Name("Annotated"), slice=ast.Tuple(elts=[_, *rest])):
            yield from rest
        case ast.BinOp() | ast.Subscript() if isinstance(node, ast.expr) and is_type(node):
            return
        case ast.Call(func=ast.Attribute(value=owner)):
            # The name of a method is no field.
            yield from (owner, *node.args, *node.keywords)
        case ast.Lambda(body=body):
            yield body
        case _:
            yield from ast.iter_child_nodes(node)
