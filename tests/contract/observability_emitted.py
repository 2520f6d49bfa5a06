"""What the code emits, read from the code: its metrics by service, and its log lines."""

import ast
from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from contract import Saga
from saga.deferral import Deferral, KeyRefusedError, UnreachableError
from saga.step import METRIC_OF, Step
from saga.telemetry import Line
from tests.contract.template import FUNCTIONS, ROOT

SRC = ROOT / "src"
DEFERRALS = {kind.metric for kind in (Deferral, UnreachableError, KeyRefusedError)}


def calls(path: Path, *names: str) -> Iterator[ast.Call]:
    """Yield all calls of functions of these names in a file."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
            yield node


def literals(nodes: Iterable[ast.expr | None]) -> set[str]:
    """Return the texts among these expressions."""
    return {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def metrics_in(path: Path) -> set[str]:
    """Return the metrics that a file names."""
    return set().union(*(literals(call.args[:1]) for call in calls(path, "count")))


def emitted_metrics() -> set[tuple[str, str]]:
    """Return every metric that the code emits, as (service, metric)."""
    return {
        (properties["Environment"]["Variables"]["POWERTOOLS_SERVICE_NAME"], metric)
        for properties in FUNCTIONS.values()
        for metric in _metrics_of(properties["Handler"])
    }


def logged() -> tuple[set[str], set[str]]:
    """Return the kinds of log lines, and the fields that the code gives them."""
    fields = {"correlation_id", "event", Saga.key_name}
    for path in SRC.rglob("*.py"):
        if any(calls(path, "log")):
            # A line's fields are keywords, or a dictionary's keys.
            tree = ast.parse(path.read_text())
            fields |= {str(passed.arg) for call in calls(path, "log") for passed in call.keywords if passed.arg}
            fields |= set().union(*(literals(node.keys) for node in ast.walk(tree) if isinstance(node, ast.Dict)))
    return {line.value for line in Line}, fields


def _metrics_of(handler: str) -> set[str]:
    module, name = handler.rsplit(".", 1)
    function: Any = getattr(import_module(module), name)
    if not isinstance(function, Step):
        own = set((SRC / module.partition(".")[0]).glob("*.py"))
        return set().union(*map(metrics_in, own | {SRC / "saga" / "recovery.py"}))
    shared = {*METRIC_OF.values(), *DEFERRALS, "Failures"}
    # SagaDuration comes with a final event, Expired where a saga may be given up.
    if any(event.terminal for event in function.publishes):
        shared |= {"SagaDuration"}
    if function.gives_up:
        shared |= {"Expired"}
    assert metrics_in(SRC / "saga" / "step.py") | metrics_in(SRC / "saga" / "telemetry.py") == {
        "Expired",
        "Failures",
        "SagaDuration",
    }
    return shared | {event.detail_type for event in function.publishes}
