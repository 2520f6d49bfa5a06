"""A browser of this machine, and a console of the tests' own, for the tests of what a person sees."""

import ctypes
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tools.base.ports import free_port
from tools.base.target import Target
from tools.base.waiting import wait_for
from tools.console.app import Console
from tools.console.feed import Feed
from tools.console.serving import end, server
from tools.console.switches import Switches
from tools.emulator.embedded import Emulator
from tools.shop.panel import Panel

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ATOMIC = "libatomic.so.1"
"""A library that Playwright's own program links to, and not every system has."""
MISSING = "there is no Chromium on this machine, or not {}: install both, as in `apt-get install chromium libatomic1`"
REFUSED = "the server responded with a status of 409"
PATIENCE = 30_000
"""Milliseconds."""
expect.set_options(timeout=PATIENCE)


def chromium() -> str:
    """Return the machine's browser. Skips the test where there is none; on CI, where one is installed, it fails."""
    found = next((path for name in PROGRAMS if (path := shutil.which(name))), None)
    if found and _is_there(ATOMIC):
        return found
    if os.environ.get("CI"):
        pytest.fail(MISSING.format(ATOMIC))
    pytest.skip(MISSING.format(ATOMIC))


def _is_there(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return sys.platform != "linux"
    return True


@contextmanager
def browser() -> Iterator[Browser]:
    """Run the machine's browser, without a window; what it keeps goes with it."""
    program = chromium()
    with sync_playwright() as playwright:
        # It opens this project's own page and no other, and in a container there is no sandbox to be had.
        running = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield running
        running.close()


class Served:
    """A console that is served."""

    def __init__(self, console: Console, url: str) -> None:
        self.console, self.url = console, url


@contextmanager
def served(target: Target, claims: Path, emulator: Emulator | None = None, *, acts: bool = True) -> Iterator[Served]:
    """Serve a console of a target, with switches if the emulator is at hand."""
    port = free_port()
    console = Console(
        Feed(target, claims),
        allowed=acts,
        switches=Switches(emulator.faults, emulator.endpoint) if emulator else None,
        panel=Panel(emulator.temporary) if emulator else None,
    )
    running = server(console, "token", port)
    # A thread takes no signals.
    running.capture_signals = _no_signals  # type: ignore[method-assign]
    thread = Thread(target=running.run, daemon=True)
    thread.start()
    console.feed.start()
    try:
        assert wait_for(lambda: running.started, seconds=10)
        yield Served(console, f"http://127.0.0.1:{port}/token/")
    finally:
        end(console)
        running.should_exit = True
        thread.join(timeout=10)


@contextmanager
def _no_signals() -> Iterator[None]:
    yield


@contextmanager
def opened(running: Browser, url: str, **how: object) -> Iterator[Page]:
    """Open a page; whatever it writes to the browser's console fails the test."""
    context = running.new_context(**{"viewport": {"width": 1440, "height": 900}, "reduced_motion": "reduce"} | how)  # type: ignore[arg-type]
    page = context.new_page()
    said: list[str] = []
    # What the server refuses, the browser notes by itself; the page shows it.
    page.on("console", lambda message: None if REFUSED in message.text else said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("dialog", lambda dialog: said.append(f"a dialog: {dialog.message}"))
    page.set_default_timeout(PATIENCE)
    page.goto(url)
    try:
        yield page
        assert said == []
    finally:
        context.close()


Shoot = Callable[[Page, str], None]
