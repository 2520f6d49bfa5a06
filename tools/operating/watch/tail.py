"""Prints each event on the bus until it is interrupted."""

import json
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from itertools import islice
from math import ceil
from types import FrameType

from saga.clock import now
from tools.base.console import console
from tools.base.console import problems as notices
from tools.base.stack import Stack
from tools.operating.watch import LONGEST
from tools.operating.watch.line import Lines, in_the_flow
from tools.operating.watch.tap import Bus, Envelope, Tap, sweep, tapped

LONG_POLL = 20
"""Seconds that a call waits for events (Amazon SQS API Reference, "ReceiveMessage")."""
EMULATOR_POLL = 2
ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""Ctrl-C, a plain `kill`, and a terminal that is closed."""


def tail(
    stack: Stack, pattern: str, *, as_json: bool = False, count: int | None = None, seconds: int | None = None
) -> None:
    """Print each event that matches as it passes, until Ctrl-C, or `count` events, or `seconds`.

    The rule and the queue that it makes are removed in any case. Raises `ProblemError` if AWS refuses.
    """
    bus, lines, poll = Bus.of(stack), Lines(), EMULATOR_POLL if stack.target.endpoint else LONG_POLL
    with suppress(KeyboardInterrupt), interrupted_once():
        if left := sweep(bus):
            notices.print(f"removed what killed watches had left behind: {', '.join(left)}", soft_wrap=True)
        with tapped(bus, pattern) as tap:
            # "Allow a short period of time for changes to take effect" (EventBridge API Reference, "PutRule").
            delay = "" if stack.target.endpoint else "; on AWS it takes a moment until the first events come"
            notices.print(f"watching {bus.name}{delay}; Ctrl-C ends it", soft_wrap=True)
            until = now() + (timedelta(seconds=seconds) if seconds else LONGEST)
            for envelope in islice(passing(tap, until, poll), count):
                if as_json:
                    console.write(json.dumps(envelope))
                else:
                    console.print(lines.draw(envelope), soft_wrap=True)
                if console.reader_is_gone:
                    return
            if not seconds and now() >= until:
                notices.print(f"ended after {LONGEST.seconds // 3600} hours: start it again to go on")


def passing(tap: Tap, until: datetime, poll: int) -> Iterator[Envelope]:
    """Yield events as they come, waiting up to `poll` seconds at once; what came together, in the flow's order."""
    while (left := (until - now()).total_seconds()) > 0:
        yield from sorted(tap.take(min(poll, ceil(left))), key=in_the_flow)


@contextmanager
def interrupted_once() -> Iterator[None]:
    """Raise KeyboardInterrupt at the first of `ENDINGS`, and ignore those that follow: a removal is under way then.

    What is ignored already stays so, as under `nohup`.
    """
    before = {number: signal.getsignal(number) for number in ENDINGS}
    consumed = [number for number, handler in before.items() if handler is not signal.SIG_IGN]

    def interrupt(_: int, __: FrameType | None) -> None:
        for number in consumed:
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    for number in consumed:
        signal.signal(number, interrupt)
    try:
        yield
    finally:
        for number in consumed:
            signal.signal(number, before[number])
