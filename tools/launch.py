"""Starts the tools, as the Makefile does: `.venv/bin/python -I -X utf8 tools/launch.py COMMAND`.

With -I, Python heeds none of its own environment variables and no folder of the person's own packages; so this says
where the project's packages are. It uses the standard library alone until the three standard streams are open.
"""

import _signal  # type: ignore[import-not-found]  # `signal` imports others, and Ctrl-C meanwhile prints a traceback
import os
import sys

ON_CTRL_C = _signal.getsignal(_signal.SIGINT)
if ON_CTRL_C is not _signal.SIG_IGN:
    # While it imports there is nothing to clean up, and nobody to catch a KeyboardInterrupt: Ctrl-C just ends it. Where
    # it is ignored, as in the background of a script, it stays so.
    _signal.signal(_signal.SIGINT, _signal.SIG_DFL)

from pathlib import Path  # noqa: E402  it imports others, too

ROOT = Path(__file__).resolve().parents[1]


def open_streams() -> None:
    """Open the standard streams that the shell has closed, so that no other file takes their numbers."""
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        try:
            os.fstat(number)
        except OSError:
            # The lowest number that is free, which is this one.
            os.open(os.devnull, os.O_RDWR)
            setattr(sys, name, open(number, mode, encoding="utf-8", closefd=False))  # noqa: SIM115


if __name__ == "__main__":
    open_streams()
    sys.path[:0] = [str(ROOT / "src"), str(ROOT)]
    from tools.base import entering

    entering.enter()
    from tools.__main__ import main

    _signal.signal(_signal.SIGINT, ON_CTRL_C)
    main()
