"""Chooses the tests that may kill a mutant: those that execute what it changes, the quickest first."""

import ast
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path

from tools.project.mutants.mutant import SOURCES, Mutant
from tools.project.mutants.recorded import Recorded, file_of

TESTS = "tests"
QUICK = 10
"""Seconds of tests that are run first: nearly all mutants are killed by one of them."""


class Choice:
    """Knows the tests, and who imports whom."""

    def __init__(self, root: Path, recorded: Recorded) -> None:
        self._root, self._recorded = root, recorded

    def tests_for(self, mutant: Mutant) -> tuple[list[str], list[str]]:
        """Return the tests to run first, and those to run if none of them kills the mutant."""
        ordered: dict[str, None] = {}
        for group in self._groups(mutant):
            tests = group & self._recorded.seconds.keys()
            ordered |= dict.fromkeys(sorted(tests, key=lambda test: (self._recorded.seconds[test], test)))
        first, seconds = list[str](), 0.0
        for test in ordered:
            seconds += self._recorded.seconds[test]
            if first and seconds > QUICK:
                break
            first.append(test)
        return first, list(ordered)[len(first) :]

    def _groups(self, mutant: Mutant) -> Iterator[set[str]]:
        """Yield groups of tests, the nearest first."""
        executing = self._recorded.executing(mutant.path, mutant.place.lines)
        # What nothing was seen to execute ran while the tests' own modules were imported, before anything was recorded.
        if executing and not mutant.place.at_import and "" not in executing:
            yield executing
            yield self._recorded.in_files_of(executing)
            return
        # What a module says of itself shows in whatever uses it.
        yield self._recorded.executing(mutant.path)
        near = {mutant.path}
        while farther := {user for each in near for user in self._users.get(each, ())} - near:
            near |= farther
            yield set[str]().union(*(self._recorded.executing(each) for each in farther))
        yield {test for test in self._recorded.seconds if file_of(test) in near}

    @cached_property
    def _users(self) -> Mapping[str, set[str]]:
        """Each file of `src/` and `tests/`, and the files that import it."""
        users: dict[str, set[str]] = {}
        for file in (path for folder in (SOURCES, TESTS) for path in (self._root / folder).rglob("*.py")):
            user = file.relative_to(self._root).as_posix()
            for used in self._imports(user):
                users.setdefault(used, set()).add(user)
        return users

    def _imports(self, path: str) -> set[str]:
        """Return the files of `src/` and `tests/` that a file imports."""
        found: set[str] = set()
        for node in ast.walk(ast.parse((self._root / path).read_bytes())):
            match node:
                case ast.Import(names=names):
                    modules = [each.name for each in names]
                case ast.ImportFrom(module=str(module), names=names):
                    modules = [module, *(f"{module}.{each.name}" for each in names)]
                case _:
                    continue
            found |= {file for module in modules if (file := self._file_of(module))}
        return found

    def _file_of(self, module: str) -> str | None:
        path = module.replace(".", "/")
        path = path if path.startswith(f"{TESTS}/") else f"{SOURCES}/{path}"
        return next((each for each in (f"{path}.py", f"{path}/__init__.py") if (self._root / each).is_file()), None)
