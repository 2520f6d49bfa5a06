r"""The console of the tools: the one place through which all that they print passes.

Whatever a record, a log line or a provider says is printed as it is and does nothing: it is no markup, and a character
that a terminal would obey is shown as Python writes it, as in `\x1b`. A reader who has gone, as in `| head`, is no
error.
"""

import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from threading import Lock
from time import monotonic
from typing import IO, Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.status import Status
from rich.text import Text

WIDE = 120
"""Columns of what is not a terminal: a file or a pipe is written as on a wide screen, whatever COLUMNS says."""
_PLACE = "\ue000"
"""Stands for a value; of Unicode's private use area, hence in no template."""
BREAKS = re.compile(r"([\n\t])")


class SafeConsole(Console):
    """A console on which no data is obeyed, neither by Rich nor by the terminal."""

    def __init__(self, *, stderr: bool = False, file: IO[str] | None = None) -> None:
        is_terminal = (sys.stderr if stderr else sys.stdout).isatty() if file is None else False
        super().__init__(
            stderr=stderr, file=file, markup=False, emoji=False, highlight=False, width=None if is_terminal else WIDE
        )
        self.reader_is_gone = False
        """Whether whoever read what is printed has closed the pipe: nobody sees the rest."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Yield what is to be printed; all that is printed comes through here."""
        for text, style, control in super().render(renderable, options):
            yield Segment(text if control else harmless(text), style, control)

    def status(self, status: RenderableType, **how: Any) -> Status:
        """Show what is being done, and take a plain text for what it is."""
        return super().status(Text(status) if isinstance(status, str) else status, **how)

    def on_broken_pipe(self) -> None:
        """Go on without a reader: what a command has begun, it ends."""
        self.reader_is_gone = True
        to_nowhere(self.file)

    def write(self, text: str) -> None:
        """Write a line for another program, exactly as it is."""
        try:
            self.file.write(f"{text}\n")
            self.file.flush()
        except BrokenPipeError:
            self.on_broken_pipe()


def harmless(text: str) -> str:
    """Return a text with every character that is neither seen nor a line's end or tab written as an escape."""
    if text.isprintable():
        return text
    return "".join(
        part if part.isprintable() or BREAKS.fullmatch(part) else "".join(map(_shown, part))
        for part in BREAKS.split(text)
    )


def styled(template: str, *values: object) -> Text:
    """Return a text by a template with Rich's markup, `[bold]{}[/] of {}`; the values are no markup."""
    # Not by escaping the values into the template: Rich's own `escape` changes a backslash before a bracket.
    marked = Text.from_markup(template.replace("{}", _PLACE), emoji=False)
    text, end = Text(), 0
    for place, value in zip(_places(marked.plain), values, strict=True):
        around = " ".join(str(span.style) for span in marked.spans if span.start <= place < span.end)
        text.append_text(marked[end:place]).append(harmless(str(value)), around)
        end = place + 1
    return text.append_text(marked[end:])


def _places(text: str) -> Iterator[int]:
    return (index for index, character in enumerate(text) if character == _PLACE)


def _shown(character: str) -> str:
    return character if character.isprintable() else ascii(character)[1:-1]


def finish() -> None:
    """Write what is still to be written; what cannot be written is nobody's any more. Raises `OSError` the first time.

    Python itself would only complain of it at its end, when nobody can say more.
    """
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BrokenPipeError:
            to_nowhere(stream)
        except OSError:
            to_nowhere(stream)
            raise


def to_nowhere(stream: IO[str]) -> None:
    """Lead what is still written to a stream to nobody, so that Python has nothing to complain of at its end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


console = SafeConsole()
"""Standard output."""
problems = SafeConsole(stderr=True)
"""Standard error, for problems and for notices beside what may go into a pipe."""


@contextmanager
def doing(what: str) -> Iterator[None]:
    """Show what is being done, and once it is done, how many seconds it took."""
    began = monotonic()
    if not console.is_terminal:
        console.print(f"  … {what}", soft_wrap=True)
    with console.status(what):
        yield
    console.print(styled("[green]✔[/] {} [dim]({} s)[/]", what, f"{monotonic() - began:.1f}"), soft_wrap=True)


@contextmanager
def counting(what: str) -> Iterator[Callable[[int], None]]:
    """Show on standard error how many are done: what is yielded is told of each few more."""
    done, lock = 0, Lock()
    with problems.status(what) as status:

        def more(count: int) -> None:
            nonlocal done
            with lock:
                done += count
                status.update(Text(f"{what}: {done:,}"))

        yield more
