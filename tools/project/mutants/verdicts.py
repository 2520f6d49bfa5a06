"""What became of mutants in earlier runs, so that a run goes on where the last one ended.

A verdict holds for as long as it cannot have changed: that a mutant was killed, until its file or the test's file
changes; that it survived, until anything in `src/` or `tests/` changes.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from tools.project.mutants.copies import digest
from tools.project.mutants.mutant import Mutant
from tools.project.mutants.recorded import file_of


@dataclass(frozen=True)
class Verdict:
    """What became of one mutant."""

    mutant: str
    """Its id."""
    killed_by: str | None
    """The first test that failed; None if the mutant survived."""
    holds_for: str
    """The digest of what the verdict depends on."""


class Verdicts:
    """The verdicts that hold."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._file = root / ".local" / "mutants" / "verdicts.jsonl"
        self._digests: dict[tuple[str, ...], str] = {}
        self._known = dict[str, Verdict]()
        if self._file.is_file():
            for line in self._file.read_text().splitlines():
                verdict = Verdict(**json.loads(line))
                self._known[verdict.mutant] = verdict

    def forget(self) -> None:
        """Forget all of them."""
        self._known.clear()
        self._file.unlink(missing_ok=True)

    def of(self, mutant: Mutant) -> Verdict | None:
        """Return the verdict on a mutant, None if there is none that holds."""
        known = self._known.get(mutant.id)
        return known if known and known.holds_for == self._depends_on(mutant, known.killed_by) else None

    def add(self, mutant: Mutant, killed_by: str | None) -> Verdict:
        """Keep a verdict: it is written at once, for a run may be ended at any moment."""
        verdict = Verdict(mutant.id, killed_by, self._depends_on(mutant, killed_by))
        self._known[mutant.id] = verdict
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with self._file.open("a") as file:
            file.write(json.dumps(asdict(verdict)) + "\n")
        return verdict

    def _depends_on(self, mutant: Mutant, killed_by: str | None) -> str:
        on = (mutant.path, file_of(killed_by)) if killed_by else ("src/", "tests/")
        if on not in self._digests:
            self._digests[on] = digest(self._root, *on)
        return self._digests[on]
