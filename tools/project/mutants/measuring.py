"""Records the tests, and keeps what was recorded for as long as neither `src/` nor what tests share has changed."""

import shutil
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from tools.base.console import doing
from tools.project.mutants import copies
from tools.project.mutants.killing import record
from tools.project.mutants.recorded import Recorded


def measured(root: Path, copy: Path, left_out: tuple[str, ...], workers: int) -> Recorded:
    """Return what was recorded of all tests; those of new and changed files are run, in a copy of the project."""
    kept = _folder(root)
    wanted = {test_file: kept / f"{_digest(root, test_file)}.json" for test_file in _test_files(root, left_out)}
    if missing := [test_file for test_file, file in wanted.items() if not file.is_file()]:
        with doing(f"recording what {len(missing)} files of tests execute"), TemporaryDirectory() as folder:
            record(copy, missing, Path(folder) / "recorded", workers)
            recorded = Recorded.of(Path(folder) / "recorded")
            for test_file in missing:
                recorded.of_file(test_file).write(wanted[test_file])
            recorded.of_file("").write(kept / f"import-{_digest(root, missing[0])}.json")
    for file in set(kept.glob("*.json")) - set(wanted.values()) - set(kept.glob("import-*.json")):
        file.unlink()
    return Recorded.of(kept)


def _folder(root: Path) -> Path:
    """Return the folder of what holds now, made if need be; there are no others."""
    shared = [name for name in copies.files(root) if name.startswith("tests/") and not _has_tests(name)]
    kept = root / ".local" / "mutants" / f"recorded-{copies.digest(root, 'src/', *shared)}"
    for other in kept.parent.glob("recorded-*"):
        if other != kept:
            shutil.rmtree(other)
    kept.mkdir(parents=True, exist_ok=True)
    return kept


def _test_files(root: Path, left_out: tuple[str, ...]) -> Iterator[str]:
    for name in copies.files(root):
        if name.startswith("tests/") and _has_tests(name) and not name.startswith(left_out):
            yield name


def _has_tests(name: str) -> bool:
    return Path(name).name.startswith("test_") and name.endswith(".py")


def _digest(root: Path, name: str) -> str:
    return sha256(name.encode() + b"\0" + (root / name).read_bytes()).hexdigest()[:16]
