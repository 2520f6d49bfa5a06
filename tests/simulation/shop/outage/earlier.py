"""The same outage with the code of an earlier commit."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.simulation.shop.outage.figures import Seen
from tests.simulation.shop.outage.providers import Kind
from tools.base.problem import ProblemError
from tools.base.root import ROOT

MODEL = ("tests/simulation/outage", "tests/simulation/shop/outage")


def run(commit: str, kind: Kind, rate: float, minutes: float) -> Seen:
    """Run an outage with the handlers and the template of a commit, in today's model. Raises `ProblemError`."""
    with TemporaryDirectory() as folder:
        there = Path(folder) / "earlier"
        _git("worktree", "add", "--quiet", "--detach", str(there), commit)
        try:
            for part in MODEL:
                shutil.copytree(ROOT / part, there / part, dirs_exist_ok=True)
            found = Path(folder) / "seen.json"
            words = ("--kind", kind, "--rate", str(rate), "--minutes", str(minutes), "--into", str(found))
            subprocess.run(
                [sys.executable, "-m", "tests.simulation.shop.outage", *words],
                cwd=there,
                env={"PYTHONPATH": f"{there / 'src'}:{there}"},
                check=False,
            )
            if not found.exists():
                raise ProblemError(f"the outage could not be run with the code of {commit}, see above")
            return Seen.from_json(json.loads(found.read_text()))
        finally:
            _git("worktree", "remove", "--force", str(there))


def _git(*words: str) -> None:
    done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ProblemError(f"git {words[0]} {words[1]} failed: {done.stderr.strip()}")
