"""A change of a file: one thing in it is another."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What is changed."""

    CONSTANT = "constant"
    TEXT = "text"
    COMPARISON = "comparison"
    LOGIC = "logic"
    ARITHMETIC = "arithmetic"
    CALL = "call removed"
    DROPPED = "argument dropped"
    SWAPPED = "arguments swapped"
    FIELD = "field exchanged"


@dataclass(frozen=True)
class Change:
    """A piece of a file's bytes, the text that takes its place, and both as a person would write them."""

    kind: Kind
    start: int
    end: int
    text: str
    before: str
    after: str

    def applied_to(self, source: bytes) -> bytes:
        """Return the file with the change made to it."""
        return source[: self.start] + self.text.encode() + source[self.end :]
