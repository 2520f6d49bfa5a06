"""What the local tools show while they work."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

from rich.console import Console

console = Console(highlight=False, width=None if sys.stdout.isatty() else 120)
"""Where all goes. Into a file or a pipe it writes as on a wide screen, whatever COLUMNS says: readline leaks it."""
problems = Console(highlight=False, stderr=True)
"""Where problems go, apart from what is piped on."""


@contextmanager
def doing(what: str) -> Iterator[None]:
    """Say what is being done while it is done, and how long it took, in seconds, once it is."""
    began = monotonic()
    if not console.is_terminal:
        console.print(f"  … {what}", soft_wrap=True)
    with console.status(what):
        yield
    console.print(f"[green]✔[/] {what} [dim]({monotonic() - began:.1f} s)[/]", soft_wrap=True)
