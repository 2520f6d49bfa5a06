"""The pages of the project, and the commands that they show."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tools.base.target import ROOT

PAGES = [str(path.relative_to(ROOT)) for path in sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])]
MAKEFILE = "".join((ROOT / file).read_text() for file in ("Makefile", "tools/shop/targets.mk"))
"""What make reads."""
BLOCK = re.compile(r"^( *)```(\S*) *(.*?)\n(.*?)^\1```$", re.DOTALL | re.MULTILINE)
CONTINUED = re.compile(r" *\\\n\s*")
COMMENT = re.compile(r"(^|\s+)# .*")


@dataclass(frozen=True)
class Block:
    """A fenced block. The first word behind its fence is its language; what follows is ours ("info string", GFM)."""

    language: str
    mark: str
    text: str

    @property
    def commands(self) -> list[str]:
        """What a reader would type of it, a command each, without the comments."""
        lines = CONTINUED.sub(" ", self.text).splitlines()
        return [command for line in lines if (command := COMMENT.sub("", line).strip())]


def blocks(page: str) -> list[Block]:
    """Return the fenced blocks of a page, in their order."""
    return [Block(language, mark, text) for _, language, mark, text in BLOCK.findall(_text(page))]


def unmarked_commands(page: str) -> list[str]:
    """Return the commands that a page says can be run anywhere, in their order."""
    return [
        command for block in blocks(page) if block.language == "sh" and not block.mark for command in block.commands
    ]


def said_in_passing(page: str) -> Iterator[str]:
    """Return what stands in a page between single backquotes, in one line each."""
    for said in re.findall(r"`([^`]+)`", BLOCK.sub("", _text(page))):
        yield " ".join(said.split())


def _text(page: str) -> str:
    return (ROOT / page).read_text()
