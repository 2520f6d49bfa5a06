"""What a stop of the console's tour is."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Stop:
    """A question, what is done to answer it, each by a button, and what to look at."""

    title: str
    says: str
    does: dict[str, list[dict[str, Any]]]
    look: str
