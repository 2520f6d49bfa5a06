"""What the code emits, read from the code: its metrics by service, and its log lines."""

import ast
from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from saga.step import METRIC_OF, Step
from saga.transitions import TERMINAL
from tests.contract.template import FUNCTIONS, ROOT

SRC = ROOT / "src"


def calls(path: Path, *methods: str) -> Iterator[tuple[ast.Module, ast.Call]]:
    """Yield all calls of methods of these names in a file, with the file's tree."""
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in methods:
            yield tree, node


def given(tree: ast.Module, call: ast.Call, keyword: str) -> list[ast.expr]:
    """Return what a call passes under a keyword: the expression, what its variable is given, what that call returns."""
    values = [passed.value for passed in call.keywords if passed.arg == keyword]
    names = {value.id for value in values if isinstance(value, ast.Name)}
    assigned = [node for node in ast.walk(tree) if isinstance(node, ast.Assign)]
    values += [node.value for node in assigned if ast.unparse(node.targets[0]) in names]
    called = {ast.unparse(value.func) for value in values if isinstance(value, ast.Call)}
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name in called]
    returned = [node for function in functions for node in ast.walk(function) if isinstance(node, ast.Return)]
    return values + [node.value for node in returned if node.value]


def literals(nodes: Iterable[ast.expr | None]) -> set[str]:
    """Return the texts among these expressions."""
    return {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def metrics_in(path: Path) -> set[str]:
    """Return the metrics that a file names."""
    return set().union(*(literals(given(tree, call, "name")) for tree, call in calls(path, "add_metric")))


def emitted_metrics() -> set[tuple[str, str]]:
    """Return every metric that the code emits, as (service, metric)."""
    return {
        (properties["Environment"]["Variables"]["POWERTOOLS_SERVICE_NAME"], metric)
        for properties in FUNCTIONS.values()
        for metric in _metrics_of(properties["Handler"])
    }


def logged() -> tuple[set[str], set[str]]:
    """Return the messages of all log lines, and the fields that the code puts beside them."""
    messages, fields = set(), {"correlation_id"}
    for path in SRC.rglob("*.py"):
        for tree, call in calls(path, "info", "warning", "error"):
            messages |= literals(call.args)
            fields |= {
                key for said in given(tree, call, "extra") if isinstance(said, ast.Dict) for key in literals(said.keys)
            }
    return messages, fields


def _metrics_of(handler: str) -> set[str]:
    module, name = handler.rsplit(".", 1)
    code = import_module(module)
    function: Any = getattr(code, name)
    if not isinstance(function, Step):
        files = [*(SRC / module.partition(".")[0]).glob("*.py"), SRC / "saga" / "in_flight.py"]
        return set().union(*map(metrics_in, files))
    shared = metrics_in(SRC / "saga" / "step.py") | set(METRIC_OF.values())
    progress = metrics_in(SRC / "saga" / "observability.py")
    # SagaDuration comes with a final event, Expired where an order may be given up.
    if not any(event.status in TERMINAL for event in function.publishes):
        progress -= {"SagaDuration"}
    if not hasattr(code, "TIMED_OUT"):
        progress -= {"Expired"}
    return shared | progress | {event.detail_type for event in function.publishes}
