"""The generated files, which are committed: `make generate` writes them, `make check` compares them."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from tools.base.problem import ProblemError
from tools.base.target import ROOT
from tools.project import alarms, figures
from tools.project.choreography import mermaid, page
from tools.project.choreography.flow import Flow
from tools.project.contracts import files as contracts

README, PAGE, ALARMS = ROOT / "README.md", ROOT / "docs" / "flow.html", ROOT / "observability.yaml"
BEGIN, END = "<!-- the picture: made by `make generate` -->\n", "<!-- the end of the picture -->"

Remake = Callable[[str], str]
"""What a file should hold, given what it holds."""


def write(flow: Flow) -> list[Path]:
    """Make all files anew; return those that changed. What is no longer made is removed."""
    stale = _stale(flow)
    for path, text in stale.items():
        path.parent.mkdir(exist_ok=True)
        if text is None:
            path.unlink()
        else:
            path.write_text(text)
    return list(stale)


def check(flow: Flow) -> None:
    """Raise `ProblemError` if a file does not hold what would be made, or is no longer made."""
    if stale := _stale(flow):
        names = ", ".join(str(path.relative_to(ROOT)) for path in sorted(stale))
        raise ProblemError(f"out of date with the template and the code: {names}; run `make generate` and look at it")


def with_picture(readme: str, flow: Flow) -> str:
    """Return the README with its picture generated. Raises `ProblemError` if its markers are gone."""
    before, begin, rest = readme.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ProblemError(f"README.md lacks the markers of its picture, {BEGIN.strip()} and {END}: put them back")
    return f"{before}{BEGIN}```mermaid\n{mermaid.draw(flow)}```\n{END}{after}"


def _stale(flow: Flow) -> dict[Path, str | None]:
    """Return what the stale files should hold; None for one that should not be there."""
    whole = contracts.generated(flow) | {PAGE: page.draw(flow)}
    remakes: dict[Path, Remake] = {
        **dict.fromkeys(figures.pages(), figures.filled_in),
        README: lambda readme: with_picture(figures.filled_in(readme), flow),
        ALARMS: partial(alarms.with_functions, flow=flow),
    }
    held = {path: path.read_text() if path.is_file() else "" for path in (*remakes, *whole)}
    made = whole | {path: remake(held[path]) for path, remake in remakes.items()}
    left_over = set(contracts.SCHEMAS.glob("*")) - set(whole)
    return {path: text for path, text in made.items() if text != held[path]} | dict.fromkeys(sorted(left_over))
