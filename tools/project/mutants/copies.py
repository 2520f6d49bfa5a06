"""Copies of the project, in which mutants are made and tests run: the checkout itself is never changed."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from tools.base import settings
from tools.base.environments import Child, environment
from tools.base.problem import ProblemError


@contextmanager
def folder_for_copies() -> Iterator[Path]:
    """Make a folder, and remove it at the end."""
    with TemporaryDirectory(prefix="mutants-", ignore_cleanup_errors=True) as folder:
        yield Path(folder).resolve()


def copy(root: Path, to: Path) -> Path:
    """Copy a project, with what git does not know yet and without what it ignores; return where it is."""
    for name in files(root):
        target = to / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(root / name, target, follow_symlinks=False)
    (to / ".venv").symlink_to(root / ".venv")
    return to


def files(root: Path) -> list[str]:
    """Return the files of a project. Raises `ProblemError` if git does not know them."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root,
        env=environment(Child.GIT, settings.current()),
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode:
        raise ProblemError(f"git does not list the project's files: {listed.stderr.strip()}")
    return [
        name for name in listed.stdout.split("\0") if name and ((root / name).is_file() or (root / name).is_symlink())
    ]


def digest(root: Path, *folders: str) -> str:
    """Return what changes whenever a file of these folders changes."""
    digested = sha256()
    for name in sorted(files(root)):
        if name.startswith(folders):
            digested.update(name.encode() + b"\0" + (root / name).read_bytes() + b"\0")
    return digested.hexdigest()[:16]
