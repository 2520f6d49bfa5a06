"""Makes packages of the build import their modules on demand: who uses one name does not import all the others.

Powertools' data classes are sixty modules, one for each kind of event, and their package imports them all. In the build
the package imports a module once a name of it is used, as Pydantic's own package does (PEP 562).
"""

import ast
from collections.abc import Iterator
from pathlib import Path

from tools.base.problem import ProblemError

LAZY = ("aws_lambda_powertools/utilities/data_classes",)
"""The packages. Each does nothing but import names from its modules."""
ON_DEMAND = '''"""The package's modules are imported on demand: rewritten by the build from what it imports at once."""

from importlib import import_module

MODULES = {modules}
__all__ = list(MODULES)


def __getattr__(name):
    if name not in MODULES:
        raise AttributeError(f"module {{__name__!r}} has no attribute {{name!r}}")
    globals()[name] = found = getattr(import_module(f".{{MODULES[name]}}", __name__), name)
    return found


def __dir__():
    return [*globals(), *MODULES]
'''


def import_on_demand(build: Path) -> None:
    """Rewrite the packages in each artifact of a build. Raises `ProblemError` if one does more than import names."""
    for package in LAZY:
        for init in build.glob(f"*/{package}/__init__.py"):
            init.write_text(ON_DEMAND.format(modules=dict(_imports(init))))


def _imports(init: Path) -> Iterator[tuple[str, str]]:
    """Yield each name that a package has from one of its modules, with that module."""
    for statement in ast.parse(init.read_text()).body:
        match statement:
            case ast.ImportFrom(module=str(module), names=names, level=1) if all(not each.asname for each in names):
                yield from ((each.name, module) for each in names)
            case ast.Expr(ast.Constant(str())) | ast.Assign([ast.Name("__all__")]):
                pass
            case _:
                raise ProblemError(
                    f"{init.parent.name} does more than import names, in line {statement.lineno}: take it off LAZY "
                    "in tools/deploying/lazy_imports.py"
                )
