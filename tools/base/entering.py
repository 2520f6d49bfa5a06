"""Gives this process its settings and an environment of its own.

This comes before anything else is imported: libraries read the environment when they are imported, and terminals,
Powertools or Pydantic would heed what the shell has set for other programs.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from tools.base import arguments, env_file, settings
from tools.base.environments import Child, environment
from tools.base.limits import allow_many_files
from tools.base.problem import ProblemError
from tools.base.root import ROOT


@dataclass(frozen=True)
class Entered:
    """The shell as it was, and what is wrong with the settings, if anything is."""

    shell: Mapping[str, str]
    problem: ProblemError | None


_entered: list[Entered] = []


def enter() -> Entered:
    """Do so, once."""
    if not _entered:
        shell, problem = dict(os.environ), None
        try:
            chosen = settings.read(arguments.typed(shell), shell, env_file.read(ROOT / ".env"))
        except ProblemError as found:
            # To say so, the defaults do.
            chosen, problem = settings.read({}, {"HOME": shell.get("HOME", "")}), found
        allow_many_files()
        settings.adopt(chosen)
        os.environ.clear()
        os.environ.update(environment(Child.TOOL, chosen))
        _entered.append(Entered(shell, problem))
    return _entered[0]
