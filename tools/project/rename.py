"""Renames a copy of this project."""

import re
from collections.abc import Iterator
from pathlib import Path

from tools.base.problem import ProblemError
from tools.base.target import ROOT

NAME = re.compile(r"[a-z][a-z0-9-]{1,23}")
"""Short and plain: names of stacks, buses, roles and log groups begin with it."""
NOT_OURS = {".env", ".git", ".venv", ".aws-sam", ".local", "__pycache__"}
PROJECT = ROOT / "pyproject.toml"


def rename(new: str) -> tuple[str, int]:
    """Put a new name wherever the old one stands; return the old one, and in how many files it stood.

    The name is the stacks', the events' source, and what the pages call the project. Raises `ProblemError` if it cannot
    be one.
    """
    if not NAME.fullmatch(new):
        raise ProblemError(
            f"{new!r} cannot name a stack: use 2 to 24 lower-case letters, digits and hyphens, starting with a letter"
        )
    old = current()
    holding = [path for path in project_files(ROOT) if old in _text(path)]
    for path in holding:
        path.write_text(_text(path).replace(old, new))
    return old, len(holding)


def current() -> str:
    """Return the name that the project has now."""
    found = re.search(r'^name = "(.+)"$', PROJECT.read_text(), re.MULTILINE)
    if not found:
        raise ProblemError(f'{PROJECT.name} has lost its line `name = "..."`: put it back')
    return found[1]


def project_files(folder: Path) -> Iterator[Path]:
    """Yield the files that are the project's own, and not made by its tools."""
    for path in sorted(folder.iterdir()):
        if path.name in NOT_OURS or path.name.endswith("_cache"):
            continue
        if path.is_dir():
            yield from project_files(path)
        elif path.is_file():
            yield path


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except UnicodeDecodeError:
        return ""
