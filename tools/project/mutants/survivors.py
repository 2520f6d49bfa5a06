"""The mutants of which it is known that no test kills them, each with the reason."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from tools.base.problem import ProblemError
from tools.project.mutants.mutant import Mutant

FILE = "tests/survivors.yaml"
REASON = "reason"


class Survivors:
    """The list, and the tests that are left out."""

    def __init__(self, read: Mapping[str, Any]) -> None:
        self.left_out = tuple(read.get("left out") or ())
        """Files and folders of tests that would kill nothing, or take too long to be run a thousand times."""
        self._reasons = {
            _key({name: value for name, value in each.items() if name != REASON}): str(each.get(REASON) or "")
            for each in read.get("survivors") or ()
        }

    @classmethod
    def of(cls, root: Path) -> "Survivors":
        """Read the list of a project; a project without one has none."""
        file = root / FILE
        return cls(yaml.safe_load(file.read_text()) if file.is_file() else {})

    def reason(self, mutant: Mutant) -> str | None:
        """Return why no test kills a mutant, None if it is not in the list."""
        return self._reasons.get(_key(mutant.name))

    def check(self, mutants: Iterable[Mutant]) -> None:
        """Raise `ProblemError` for an entry without a reason, or of a mutant that there is not, or no longer."""
        unknown = self._reasons.keys() - {_key(mutant.name) for mutant in mutants}
        if unknown:
            raise ProblemError(f"{FILE}: there is no such mutant, so its entry may go: {_shown(min(unknown))}")
        if unexplained := [key for key, reason in self._reasons.items() if not reason.strip()]:
            raise ProblemError(f"{FILE}: say why no test kills it: {_shown(min(unexplained))}")


def entry(mutant: Mutant) -> str:
    """Return a mutant as the list has it, to be completed by its reason."""
    text: str = yaml.safe_dump([dict(mutant.name) | {REASON: ""}], sort_keys=False, allow_unicode=True, width=110)
    return text


def _key(name: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((key, str(value)) for key, value in name.items()))


def _shown(key: tuple[tuple[str, str], ...]) -> str:
    return ", ".join(f"{name}: {value}" for name, value in key)
