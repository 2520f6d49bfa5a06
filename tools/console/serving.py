"""Serves the console until it is told to end, and leaves nothing behind."""

import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from types import FrameType

import uvicorn

from tools.base.console import problems as notices
from tools.base.problem import ProblemError
from tools.base.target import Target
from tools.console.app import Console, app
from tools.console.feed import Feed
from tools.console.picture import choreography
from tools.operating.watch.tail import ENDINGS


class Server(uvicorn.Server):
    """A server that ends at a signal of a terminal, and lets its program end as it likes."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """End at each of `ENDINGS` that is not ignored, as under `nohup`."""
        before = {number: signal.getsignal(number) for number in ENDINGS}

        def end(_: int, __: FrameType | None) -> None:
            self.should_exit = True

        for number, handler in before.items():
            if handler is not signal.SIG_IGN:
                signal.signal(number, end)
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def server(console: Console, token: str, port: int, code: str = "") -> Server:
    """Return the server of a console."""
    return Server(
        uvicorn.Config(
            app(console, token, port, code),
            host="127.0.0.1",
            port=port,
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            ws="none",
            timeout_graceful_shutdown=1,
        )
    )


def console_of(target: Target, *, acts: bool) -> Console:
    """Return the console of a target: with switches and sums if it is the embedded emulator of this checkout."""
    feed = Feed(target)
    if not target.runs_functions_here:
        return Console(feed, allowed=acts)
    # Few consoles have one, and its modules look for Docker and processes.
    from tools.console.switches import Switches  # noqa: PLC0415
    from tools.emulator.embedded import Emulator  # noqa: PLC0415
    from tools.shop.panel import Panel  # noqa: PLC0415

    emulator = Emulator.of_this_checkout(target.port)
    return Console(
        feed,
        allowed=acts,
        switches=Switches(emulator.faults, emulator.endpoint),
        panel=Panel(emulator.temporary),
    )


def serve(listening: socket.socket, token: str, target: Target, *, acts: bool, code: str = "") -> None:
    """Serve until Ctrl-C, on a socket that listens already."""
    console = console_of(target, acts=acts)
    own = server(console, token, listening.getsockname()[1], code)
    # From here on a signal ends it in order: the feed makes a rule and a queue.
    with own.capture_signals():
        console.feed.start()
        Thread(target=choreography, daemon=True).start()
        try:
            own.run(sockets=[listening])
        finally:
            end(console)


def end(console: Console) -> None:
    """Put everything back, and remove the tap."""
    console.actions.stream.close()
    try:
        if console.switches and console.switches.at:
            console.switches.back(console.feed.stack)
    except ProblemError as problem:
        notices.print(f"not everything could be put back: {problem}", soft_wrap=True)
    finally:
        console.feed.stop()
