"""What has to be right, whatever is broken."""

from dataclasses import dataclass
from enum import StrEnum


class Stands(StrEnum):
    """How it stands with a sum."""

    RIGHT = "right"
    WRONG = "wrong"
    COUNTING = "counting"


@dataclass(frozen=True)
class Sum:
    """A sum over the whole shop: its name, its parts in words, and whether it is right."""

    name: str
    stands: Stands
    parts: dict[str, str]
    says: str
