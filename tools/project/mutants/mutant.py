"""One mutant: a file of `src/` in which one thing is another."""

import ast
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from tools.project.mutants.change import Change
from tools.project.mutants.expressions import Siblings
from tools.project.mutants.fields import siblings
from tools.project.mutants.places import Place, changes

SOURCES = "src"


@dataclass(frozen=True)
class Mutant:
    """A change of one file. What names it does not depend on the lines around it."""

    path: str
    """Of the file, from the project's root."""
    place: Place
    change: Change
    number: int
    """Which one it is among those of its scope that read alike, from 1."""

    @property
    def name(self) -> Mapping[str, str | int]:
        """What the list of survivors calls it."""
        named: dict[str, str | int] = {
            "file": self.path,
            "in": self.place.scope,
            "kind": str(self.change.kind),
            "before": self.change.before,
            "after": self.change.after,
        }
        return named if self.number == 1 else named | {"number": self.number}

    @property
    def id(self) -> str:
        """The same name, short."""
        return sha256(repr(tuple(self.name.items())).encode()).hexdigest()[:12]

    def __str__(self) -> str:
        at = f"{self.path}:{self.place.lines.start}" + (f" {self.place.scope}" if self.place.scope else "")
        return f"{at}: {self.change.kind}: {self.change.before} → {self.change.after or 'nothing'}"


def mutants(root: Path) -> list[Mutant]:
    """Return all mutants of a project's `src/`."""
    files = sorted((root / SOURCES).rglob("*.py"))
    exchangeable = siblings(ast.parse(file.read_bytes()) for file in files)
    return [mutant for file in files for mutant in _of(root, file, exchangeable)]


def _of(root: Path, file: Path, exchangeable: Siblings) -> Iterator[Mutant]:
    alike = Counter[tuple[str, Change]]()
    for place, change in changes(file.read_bytes(), exchangeable):
        same = (place.scope, Change(change.kind, 0, 0, "", change.before, change.after))
        alike[same] += 1
        yield Mutant(file.relative_to(root).as_posix(), place, change, alike[same])
