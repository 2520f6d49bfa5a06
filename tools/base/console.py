"""The console of the tools."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

from rich.console import Console

console = Console(highlight=False, width=None if sys.stdout.isatty() else 120)
"""Standard output. Into a file or a pipe it writes as on a wide screen, whatever COLUMNS says: readline leaks it."""
problems = Console(highlight=False, stderr=True)
"""Standard error, for problems."""


@contextmanager
def doing(what: str) -> Iterator[None]:
    """Show what is being done, and once it is done, how many seconds it took."""
    began = monotonic()
    if not console.is_terminal:
        console.print(f"  … {what}", soft_wrap=True)
    with console.status(what):
        yield
    console.print(f"[green]✔[/] {what} [dim]({monotonic() - began:.1f} s)[/]", soft_wrap=True)
