"""Opens the console in the person's browser, where there is one."""

import subprocess
import sys

from tools.base import settings
from tools.base.console import console
from tools.base.environments import Child, environment

A_DESKTOP = ("BROWSER", "DISPLAY", "WAYLAND_DISPLAY")
"""One of these says that there is a browser with a window of its own, on other systems than macOS."""


def open_in_browser(address: str) -> None:
    """Open an address, if somebody sits at this terminal and there is a desktop; whether that worked is not told."""
    variables = environment(Child.BROWSER, settings.current())
    if not console.is_terminal or not (sys.platform == "darwin" or any(name in variables for name in A_DESKTOP)):
        return
    # Python's own search for a browser, in a session of its own: Ctrl-C ends the console and not the browser, and what
    # either prints is not the console's.
    subprocess.Popen(
        [sys.executable, "-I", "-m", "webbrowser", "-t", address],
        env=variables,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
