"""Ctrl-C while a command still imports what it uses ends it, and prints nothing."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from tools.base.root import ROOT

AT_THE_IMPORT = f"""\
import os, runpy, signal, sys

class Interrupting:
    def find_spec(self, name, *_):
        if name == "tools.__main__":
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Interrupting())
sys.argv = [sys.argv[0], "settings"]
runpy.run_path({str(ROOT / "tools" / "launch.py")!r}, run_name="__main__")
"""


def launched(tmp_path: Path, *, ignoring: bool) -> subprocess.CompletedProcess[str]:
    """Start a command that is interrupted while it imports, as a terminal starts it or a script in its background."""
    script = tmp_path / "interrupted.py"
    script.write_text(AT_THE_IMPORT)
    how = signal.SIG_IGN if ignoring else signal.default_int_handler
    before = signal.signal(signal.SIGINT, how)
    try:
        return subprocess.run(
            [sys.executable, "-I", script],
            env={"HOME": str(tmp_path), "PATH": os.defpath},
            capture_output=True,
            text=True,
            check=False,
        )
    finally:
        signal.signal(signal.SIGINT, before)


def test_it_ends_by_the_signal_and_prints_nothing(tmp_path: Path) -> None:
    done = launched(tmp_path, ignoring=False)
    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGINT, "", "")


def test_where_it_is_ignored_the_command_goes_on(tmp_path: Path) -> None:
    assert launched(tmp_path, ignoring=True).returncode == 0
