"""The schemas as they were: what other teams and old events know, read from git."""

import subprocess
from pathlib import Path

from tools.base import settings
from tools.base.environments import Child, environment
from tools.base.problem import ProblemError
from tools.base.target import ROOT
from tools.project.contracts.files import SCHEMAS


def ref(asked: str | None, root: Path = ROOT) -> str | None:
    """Return what to compare with: what is asked for, else the last tag, else the main branch, None if there is none.

    Raises `ProblemError` if git does not know what is asked for.
    """
    if asked:
        if not _is_known(asked, root):
            raise ProblemError(
                f"git has no {asked} to compare with: pass a tag, a branch or a commit, for example BASE=main"
            )
        return asked
    tag = _git(root, "describe", "--tags", "--abbrev=0")
    return tag or next((branch for branch in ("origin/main", "main") if _is_known(branch, root)), None)


def read(ref: str, root: Path = ROOT) -> dict[str, str]:
    """Return the files of `schemas/` as they were there, by name; none if there was no such folder."""
    names = (_git(root, "ls-tree", "-z", "--name-only", ref, f"{SCHEMAS.name}/") or "").split("\0")
    texts = {Path(name).name: _git(root, "show", f"{ref}:./{name}") for name in names if name}
    return {name: text for name, text in texts.items() if text is not None}


def _is_known(ref: str, root: Path) -> bool:
    return _git(root, "rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}") is not None


def _git(root: Path, *words: str) -> str | None:
    """Return what git says, None if it fails or is not there."""
    try:
        variables = environment(Child.GIT, settings.current())
        done = subprocess.run(["git", *words], cwd=root, env=variables, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return None
    return done.stdout.rstrip("\n") if done.returncode == 0 else None
