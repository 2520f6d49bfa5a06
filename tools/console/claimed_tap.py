"""A tap on the bus that is removed in any case: at the console's end, or by the next start if it was killed.

Each console keeps a file with its tap's name, locked for as long as its process lives. A file that nobody has locked is
of one that was killed.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tools.operating.watch.tap import Bus, Tap, sweep


@contextmanager
def claimed(bus: Bus, pattern: str, folder: Path) -> Iterator[Tap]:
    """Tap the bus for as long as the block runs, and leave nothing behind, not even after a `kill -9`."""
    folder.mkdir(parents=True, exist_ok=True)
    tap = Tap(bus)
    claim = folder / tap.name
    unclaimed = folder / f".{tap.name}"
    with unclaimed.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        # It appears locked: nobody takes it for one that was left.
        unclaimed.rename(claim)
        try:
            tap.open(pattern)
            yield tap
        finally:
            tap.remove()
            claim.unlink(missing_ok=True)


def sweep_claims(bus: Bus, folder: Path) -> list[str]:
    """Remove the taps of consoles that were killed, and those of any watch that are a day old; return their names."""
    left = sweep(bus)
    for claim in sorted(folder.glob(f"{bus.prefix}*")):
        with suppress(BlockingIOError, FileNotFoundError), claim.open() as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            Tap(bus, claim.name).remove()
            claim.unlink()
            left.append(claim.name)
    return left
