"""The figures that pages promise, in one file; `make generate` writes them where a page names one.

In a page a figure stands right before its name, in a comment that nobody sees: `10<!-- shards -->`.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from tools.base.problem import ProblemError
from tools.base.target import ROOT

FILE = "docs/figures.yaml"
NAMED = re.compile(r"(\d[\d,.]*(?:(?:, | and )\d+)*)<!-- ([a-z ]+) -->")

Figures = Mapping[str, Mapping[str, Any]]


def read() -> Figures:
    """Return the figures by their names."""
    figures: Figures = yaml.safe_load((ROOT / FILE).read_text())
    return figures


def filled_in(text: str, figures: Figures | None = None) -> str:
    """Return a page with its figures as they are. Raises `ProblemError` for one that there is not."""
    known = read() if figures is None else figures

    def written(found: re.Match[str]) -> str:
        figure, name = found.groups()
        if name not in known:
            raise ProblemError(f"{FILE} has no figure {name}, of which a page says {figure}")
        return f"{_words(known[name]['value'])}<!-- {name} -->"

    return NAMED.sub(written, text)


def pages() -> list[Path]:
    """Return the pages that may have figures."""
    return [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]


def _words(value: float | list[float]) -> str:
    if isinstance(value, list):
        *others, last = map(_words, value)
        return f"{', '.join(others)} and {last}"
    return f"{value:,}"
