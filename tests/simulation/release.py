"""Another release of this project: its rules, contract and services, on the kernel and the ports of this one."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from importlib import import_module
from pathlib import Path
from types import ModuleType

from samtranslator.yaml_helper import yaml_parse

from tests.simulation.deployment import Function, functions_of

KERNEL = "saga"


class Release:
    """A release whose template and source lie in a folder; `ports` are modules that it has in common with this one."""

    def __init__(self, root: Path, ports: frozenset[str]) -> None:
        self._source, self._ports = root / "src", ports
        self.functions: dict[str, Function] = functions_of(yaml_parse((root / "template.yaml").read_text()))

    def load(self, module: str) -> ModuleType:
        """Return a handler's module of this release; of the other one, if only that one has it."""
        return self.modules.get(module) or import_module(module)

    @cached_property
    def modules(self) -> dict[str, ModuleType]:
        """The modules of the handlers, and the contract's."""
        names = {"contract", *(function.module for function in self.functions.values())}
        with self._in_place_of_the_other():
            return {name: import_module(name) for name in sorted(names)}

    @cached_property
    def transitions(self) -> frozenset[tuple[str | None, str]]:
        """Every transition that this release knows, as `tools.base.transitions` has them."""
        return frozenset(
            (before.status if before else None, event.status)
            for event in self.modules["contract"].Saga.events.values()
            for before in event.follows or (None,)
        )

    @contextmanager
    def _in_place_of_the_other(self) -> Iterator[None]:
        """Let an import find this release, and what both have in common."""
        others = self._take_out()
        sys.path.insert(0, str(self._source))
        try:
            yield
        finally:
            sys.path.remove(str(self._source))
            self._take_out()
            sys.modules.update(others)

    def _take_out(self) -> dict[str, ModuleType]:
        """Forget what was imported of the contract and the services, but for the ports; return it."""
        packages = {path.name for path in self._source.iterdir() if path.is_dir()} - {KERNEL}
        names = [name for name in sys.modules if name.partition(".")[0] in packages and name not in self._ports]
        return {name: sys.modules.pop(name) for name in names}
