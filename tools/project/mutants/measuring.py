"""Records what tests execute, and keeps it for as long as their file stays as it is."""

import shutil
from collections.abc import Iterable, Iterator, Mapping
from difflib import SequenceMatcher
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from tools.base.console import doing
from tools.base.problem import ProblemError
from tools.project.mutants import copies
from tools.project.mutants.killing import record
from tools.project.mutants.recorded import Recorded, file_of


class Recordings:
    """What was recorded of each file of tests, with the sources as they were then."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._folder = root / ".local" / "mutants"

    def forget(self) -> None:
        """Forget all of it."""
        shutil.rmtree(self._folder / "recorded", ignore_errors=True)

    def of(self, copy: Path, left_out: tuple[str, ...], workers: int) -> Recorded:
        """Return what is recorded of all tests; those of new and changed files are run, in a copy of the project.

        Raises `ProblemError` if one fails; what was recorded of the others is kept.
        """
        wanted = {file: self._folder / "recorded" / _digest(self._root, file) for file in self._test_files(left_out)}
        if missing := [file for file, folder in wanted.items() if not folder.is_dir()]:
            with doing(f"recording what {len(missing)} files of tests execute"), TemporaryDirectory() as folder:
                status = record(copy, missing, Path(folder) / "recorded", workers)
                recorded = Recorded.of(Path(folder) / "recorded")
            failed = {file_of(test) for test in recorded.failed}
            for file in missing:
                if file not in failed:
                    self._keep(recorded.of_file(file), wanted[file])
            if status:
                raise ProblemError("the tests have to pass before mutants can be killed: see above")
        together = Recorded()
        for kept in wanted.values():
            together.add(self._read(kept))
        return together

    def _keep(self, recorded: Recorded, folder: Path) -> None:
        folder.mkdir(parents=True)
        recorded.write(folder / "recorded.json")
        for path in recorded.lines:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(self._root / path, folder / path)

    def _read(self, folder: Path) -> Recorded:
        """Return what was recorded, by the lines of the sources as they are now."""
        recorded = Recorded.read(folder / "recorded.json")
        for path, lines in list(recorded.lines.items()):
            now = self._root / path
            then, text = (folder / path).read_text(), now.read_text() if now.is_file() else ""
            if then != text:
                recorded.lines[path] = carried(lines, then, text)
        return recorded

    def _test_files(self, left_out: tuple[str, ...]) -> Iterator[str]:
        for name in copies.files(self._root):
            if name.startswith("tests/") and Path(name).match("test_*.py") and not name.startswith(left_out):
                yield name


def carried(lines: Mapping[int, set[str]], before: str, after: str) -> dict[int, set[str]]:
    """Return the tests of each line of a file that was changed since: those of the line, or of those in its place."""
    matcher = SequenceMatcher(None, before.splitlines(), after.splitlines(), autojunk=False)
    found: dict[int, set[str]] = {}
    for what, first, end, new_first, new_end in matcher.get_opcodes():
        for number in range(new_first, new_end):
            old: Iterable[int] = [first + number - new_first] if what == "equal" else range(first - 1, end + 1)
            found[number + 1] = set[str]().union(*(lines.get(each + 1, ()) for each in old))
    return found


def _digest(root: Path, name: str) -> str:
    return sha256(name.encode() + b"\0" + (root / name).read_bytes()).hexdigest()[:16]
