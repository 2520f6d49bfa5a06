"""Prunes the build: leaves out type stubs, and the parts of Powertools and Pydantic that no function imports."""

import ast
import shutil
from collections.abc import Collection, Iterator
from pathlib import Path

from tools.base.problem import ProblemError

NOT_SHIPPED = (
    "annotated_types.test_cases",
    "aws_lambda_powertools.event_handler",
    "aws_lambda_powertools.utilities.auth_alpha",
    "aws_lambda_powertools.utilities.batch",
    "aws_lambda_powertools.utilities.circuit_breaker",
    "aws_lambda_powertools.utilities.data_masking",
    "aws_lambda_powertools.utilities.feature_flags",
    "aws_lambda_powertools.utilities.idempotency",
    "aws_lambda_powertools.utilities.kafka",
    "aws_lambda_powertools.utilities.parser.envelopes",
    "aws_lambda_powertools.utilities.parser.models",
    "aws_lambda_powertools.utilities.streaming",
    "aws_lambda_powertools.utilities.validation",
    "pydantic.experimental",
    "pydantic.mypy",
    "pydantic.v1",
)
"""Two fifths of what pip installs. A function that is to import one of these takes it off this list."""

SHIPPED_WITH = {"aws_lambda_powertools.utilities.parameters": "stripe"}
"""Modules that ship only if a parameter has this value: who imports them is named after it, like `stripe_account`."""


def prune(build: Path, values: Collection[str] = ()) -> None:
    """Remove stubs, and the modules that are not shipped, from each artifact; `values` are those of its parameters."""
    others = [module for module, value in SHIPPED_WITH.items() if value not in values]
    for path in (module.replace(".", "/") for module in (*NOT_SHIPPED, *others)):
        for package in build.glob(f"*/{path}"):
            shutil.rmtree(package)
        for module in build.glob(f"*/{path}.py"):
            module.unlink()
    for stub in build.glob("*/**/*.pyi"):
        stub.unlink()


def check_imports(source: Path) -> None:
    """Raise `ProblemError` if a module below `source` imports what is not shipped, naming both."""
    for path in sorted(source.rglob("*.py")):
        for imported in _imports(ast.parse(path.read_text())):
            for module in (
                *NOT_SHIPPED,
                *(each for each, value in SHIPPED_WITH.items() if not path.name.startswith(f"{value}_")),
            ):
                if f"{imported}.".startswith(f"{module}."):
                    raise ProblemError(
                        f"{path.relative_to(source.parent)} imports {imported}, and the build leaves {module} out: "
                        "take it off NOT_SHIPPED in tools/deploying/prune.py"
                    )


def _imports(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module=str(module), names=names):
                yield from (f"{module}.{alias.name}" for alias in names)
